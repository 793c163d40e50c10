import { execFileSync } from 'node:child_process';
import { readlinkSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { waitFor } from '#lib/common';
import type { EngineCreate } from '../engine.js';
import { openDocker } from './open-docker.js';
import { ScratchDocker } from '../testing/scratch-docker.js';

const LABEL = 'skep-test=details';

/** What only Docker Engine could get wrong. */
describe('containers of Docker Engine', () => {
  let scratch: ScratchDocker;
  const made: string[] = [];

  beforeAll(async () => {
    scratch = await ScratchDocker.start();
    const ip = (...args: string[]) => execFileSync('ip', ['-n', scratch.netns, ...args]);
    ip('link', 'set', 'lo', 'up');
    ip('link', 'add', 'skdocA', 'type', 'veth', 'peer', 'name', 'skdocB');
    for (const link of ['skdocA', 'skdocB']) ip('link', 'set', link, 'up');
    ip('addr', 'add', '10.9.8.7/24', 'dev', 'skdocA');
    ip('addr', 'add', 'fd00:5e::7/64', 'dev', 'skdocA', 'nodad');
  });
  afterEach(() => Promise.all(made.splice(0).map((id) => scratch.engine.remove(id))));
  afterAll(() => scratch?.close());

  async function run(change: Partial<EngineCreate['spec']> = {}, request: Partial<EngineCreate> = {}): Promise<string> {
    const { engine } = scratch;
    const id = await engine.create({
      name: `details-${made.length}`,
      spec: { Image: scratch.image, Cmd: ['sleep', '1000'], ...change },
      labels: { 'skep-test': 'details' },
      network: scratch.network,
      mounts: [],
      ...request,
    });
    made.push(id);
    await engine.start(id);
    return id;
  }
  const exec = async (id: string, ...argv: string[]) =>
    (await scratch.engine.exec(id, argv, { timeoutMs: 10_000 })).output;
  const addresses = () => execFileSync('ip', ['-n', scratch.netns, '-br', 'address'], { encoding: 'utf8' });
  const namespaceOf = async (id: string) => readlinkSync(`/proc/${(await scratch.engine.inspect(id)).pid}/ns/net`);

  it('find the namespace as it was prepared, IPv6 included, at every start', async () => {
    const before = addresses();
    expect(before).toContain('::1/128');
    const id = await run();
    for (let round = 0; round < 2; round++) {
      expect(await namespaceOf(id)).toBe(`net:[${statSync(scratch.network.netnsPath).ino}]`);
      const seen = await exec(id, 'ip', 'addr');
      for (const address of ['127.0.0.1/8', '::1/128', '10.9.8.7/24', 'fd00:5e::7/64']) expect(seen).toContain(address);
      expect(addresses()).toBe(before);
      await scratch.engine.stop(id, 0);
      await scratch.engine.start(id);
    }
    await scratch.engine.remove(id);
    expect(addresses()).toBe(before);
  });

  it('are ended by a kill while they are given time to stop', async () => {
    const id = await run({ Cmd: ['sh', '-c', 'trap "touch /heard" TERM; touch /set; while :; do sleep 0.1; done'] });
    const hasMade = (what: string) =>
      waitFor(async () => (await exec(id, 'ls', '/')).split(/\s+/).includes(what), { ms: 10_000, every: 100, what });
    await hasMade('set');
    const stopped = scratch.engine.stop(id, 600);
    await hasMade('heard');
    await scratch.engine.kill(id, '9');
    await stopped;
    expect(await scratch.engine.inspect(id)).toMatchObject({ state: 'exited', exitCode: 137 });
  });

  it('see nothing of how they got there', async () => {
    const id = await run({ Env: ['A=b'] });
    const all = (await exec(id, 'env')) + (await exec(id, 'cat', '/proc/1/environ', '/proc/mounts'));
    expect(all).toContain('A=b');
    expect(all).not.toContain('netns');
    expect(await exec(id, 'cat', '/proc/sys/net/ipv4/ip_unprivileged_port_start')).toBe('0\n');
  });

  it('have the resolv.conf and hosts that skep wrote, and later changes', async () => {
    const source = join(scratch.folder, 'mine');
    const targets = ['/etc/resolv.conf', '/etc/hosts'];
    writeFileSync(source, 'first\n');
    const id = await run({}, { mounts: targets.map((target) => ({ source, target, readOnly: false })) });
    expect(await exec(id, 'cat', ...targets)).toBe('first\nfirst\n');
    writeFileSync(source, 'second\n');
    expect(await exec(id, 'cat', ...targets)).toBe('second\nsecond\n');
  });

  it('share a namespace by container, and have none where none is asked for', async () => {
    const first = await run();
    const second = await run({}, { network: { container: first } });
    expect(await namespaceOf(second)).toBe(await namespaceOf(first));
    const none = await run({}, { network: { mode: 'none' } });
    expect(await exec(none, 'ip', 'addr')).not.toContain('10.9.8.7');
  });

  it('do not start without their namespace, and say why', async () => {
    await expect(run({}, { network: { netnsPath: '/run/netns/skep-absent' } })).rejects.toMatchObject({
      message: expect.stringContaining('network namespace /run/netns/skep-absent is not there'),
    });
  });

  it('are of no engine whose runtime is another', async () => {
    const opened = openDocker(scratch.dockerd.socketPath, { runtimePath: '/bin/true' });
    await expect(opened).rejects.toThrow(/the runtime "skep" is .*skep-runtime, which is not skep's; add /);
  });

  it('are restarted by nobody and checked by nobody', async () => {
    const changes = ['HEALTHCHECK --interval=1s CMD false', 'CMD ["sleep", "1000"]'];
    await scratch.engine.importImage(scratch.rootfs(), 'checked:1', changes);
    const id = await run({ Image: 'checked:1', HostConfig: { RestartPolicy: { Name: 'always' }, AutoRemove: true } });
    const { State, HostConfig } = await scratch.dockerd.docker.getContainer(id).inspect();
    expect(State).not.toHaveProperty('Health');
    expect(HostConfig).toMatchObject({ RestartPolicy: { Name: expect.stringMatching(/^(no)?$/) }, AutoRemove: false });
  });

  it('go on and end although Docker Engine holds them for paused', async () => {
    const id = await run();
    await scratch.engine.pause(id);
    execFileSync('runc', ['--root', join(scratch.folder, 'exec/runtime-runc/moby'), 'resume', id]);
    expect(await scratch.engine.inspect(id)).toMatchObject({ state: 'paused' });
    await scratch.engine.unpause(id);
    await scratch.engine.stop(id, 0);
    expect(await scratch.engine.inspect(id)).toMatchObject({ state: 'exited' });
  });

  it('are seen as they are, also by a listing that says little', async () => {
    const id = await run();
    const [first] = await scratch.engine.list(LABEL);
    await scratch.engine.kill(id, 'SIGKILL');
    await scratch.engine.stop(id, 0);
    await scratch.engine.start(id);
    const [second] = await scratch.engine.list(LABEL);
    expect(second!.pid).not.toBe(first!.pid);
    expect(second!.startedAt > first!.startedAt).toBe(true);
    await scratch.engine.rename(id, 'renamed');
    expect((await scratch.engine.list(LABEL))[0]).toMatchObject({ name: 'renamed', pid: second!.pid });
  });
});
