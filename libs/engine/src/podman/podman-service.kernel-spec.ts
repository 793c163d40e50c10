import { rmSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SkepError, waitFor } from '#lib/common';
import { signal } from '../testing/scratch-folder.js';
import { ScratchPodman } from '../testing/scratch-podman.js';
import type { PodmanService } from './podman-service.js';

const LABEL = 'skep-test=service';

describe('PodmanService', () => {
  let scratch: ScratchPodman;
  let service: PodmanService;

  beforeEach(async () => {
    scratch = new ScratchPodman();
    service = scratch.service();
    await scratch.ready(service);
  });
  afterEach(() => scratch.close(service));

  const create = (name: string, cmd = ['sleep', '1000']) =>
    service.engine.create({
      name,
      spec: { Image: scratch.image, Cmd: cmd },
      labels: { 'skep-test': 'service' },
      network: scratch.network,
      mounts: [],
    });
  const run = async (name: string, cmd?: string[]) => {
    const id = await create(name, cmd);
    await service.engine.start(id);
    return service.engine.inspect(id);
  };
  const answering = (what: string) => waitFor(() => service.engine.ping(), { ms: 10_000, what });
  /** Processes whose arguments name this container: its monitor. */
  const monitorOf = (engineId: string) => scratch.processes(engineId);

  it('adopts a service that runs with the same settings and replaces one with others', async () => {
    const { pid } = service;
    await service.release();
    const next = scratch.service();
    expect(await next.start()).toMatchObject({ adopted: true });
    expect(next.pid).toBe(pid);
    await next.release();

    service = scratch.service({ insecureRegistries: ['127.0.0.1:5000'] });
    expect(await service.start()).toMatchObject({ adopted: false });
    expect(service.pid).not.toBe(pid);
    expect(await service.engine.ping()).toBe(true);
  });

  it('leaves containers running when it is stopped, and finds them again', async () => {
    const before = await run('stays');
    await service.stop();
    expect(service.pid).toBeUndefined();
    await expect(service.engine.list(LABEL)).rejects.toMatchObject({ code: 'unavailable' });
    expect(() => process.kill(before.pid, 0)).not.toThrow();
    await service.start();
    expect(await service.engine.list(LABEL)).toEqual([before]);
  });

  it('comes back after kill -9; the call in flight fails with unavailable', async () => {
    const before = await run('survives');
    const { pid } = service;
    const inFlight = service.engine.stop(before.engineId, 30).then(
      () => undefined,
      (error: unknown) => error,
    );
    await waitFor(async () => (await service.engine.inspect(before.engineId)).state === 'running', {
      ms: 5_000,
      what: 'an answer while the stop is under way',
    });
    signal(pid!, 'SIGKILL');
    expect(SkepError.is(await inFlight, 'unavailable')).toBe(true);
    await answering('the restarted service');
    expect(service.pid).not.toBe(pid);
    expect(await service.engine.inspect(before.engineId)).toEqual(before);
    await service.engine.stop(before.engineId, 0);
    expect(await service.engine.inspect(before.engineId)).toMatchObject({ state: 'exited', exitCode: 137 });
  });

  it('learns of what ended while it was away', async () => {
    const { engineId, pid } = await run('ends-alone');
    await service.stop();
    signal(pid, 'SIGKILL');
    await service.start();
    expect(await service.engine.inspect(engineId)).toMatchObject({ state: 'exited', exitCode: 137, pid: 0 });
  });

  it('notices the end of a container whose monitor was killed too, and starts it again', async () => {
    const { engineId, pid } = await run('unwatched');
    for (const monitor of monitorOf(engineId)) signal(monitor, 'SIGKILL');
    signal(pid, 'SIGKILL');
    expect(await service.engine.list(LABEL)).toMatchObject([{ state: 'exited', pid: 0, exitCode: 137 }]);
    await service.engine.start(engineId);
    expect(await service.engine.inspect(engineId)).toMatchObject({ state: 'running' });
  });

  it('keeps containers over a reboot, which takes the exec root and every process', async () => {
    const running = await run('was-running');
    const ended = await run('had-ended', ['false']);
    await waitFor(async () => (await service.engine.inspect(ended.engineId)).state === 'exited', {
      ms: 5_000,
      what: 'the end of a container',
    });
    await create('was-created');
    const lost = await service.engine.list(LABEL);
    expect(lost).toHaveLength(3);

    await service.stop();
    for (const pid of [...monitorOf(running.engineId), running.pid]) signal(pid, 'SIGKILL');
    await waitFor(() => scratch.processes().length === 0, { ms: 5_000, what: 'the end of all processes' });
    scratch.unmount();
    rmSync(scratch.execRoot, { recursive: true });
    scratch.forget(running.engineId);

    await service.start();
    const found = await service.engine.list(LABEL);
    expect(found.map((one) => one.name).toSorted()).toEqual(['had-ended', 'was-created', 'was-running']);
    expect(Object.fromEntries(found.map(({ name, state, exitCode }) => [name, `${state} ${exitCode}`]))).toEqual({
      'was-running': 'exited 255',
      'had-ended': 'exited 1',
      'was-created': 'created 0',
    });
    for (const one of found) await service.engine.start(one.engineId);
    expect((await service.engine.inspect(running.engineId)).state).toBe('running');
  });

  it('does not take an exec root of an earlier boot for a running one', async () => {
    const { engineId, pid } = await run('old-boot');
    await service.stop();
    for (const each of [...monitorOf(engineId), pid]) signal(each, 'SIGKILL');
    scratch.unmount();
    scratch.forget(engineId);
    scratch.pretendEarlierBoot();
    await service.start();
    expect((await service.engine.inspect(engineId)).state).not.toBe('running');
    await service.engine.start(engineId);
    expect((await service.engine.inspect(engineId)).state).toBe('running');
  });
});
