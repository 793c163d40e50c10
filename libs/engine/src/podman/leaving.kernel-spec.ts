import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { waitFor } from '#lib/common';
import { usePodman } from '../testing/use-podman.js';

/** Heeds SIGTERM, as a first process does only by a handler. */
const STAYS = ['sh', '-c', 'trap "exit 5" TERM; while :; do sleep 0.1; done'];

/** bin/skep-conmon */
describe('the end of a container on Podman', () => {
  const made: string[] = [];
  const podman = usePodman();
  afterEach(async () => {
    for (const id of made.splice(0)) {
      await podman.engine.stop(id, 0);
      await podman.engine.remove(id);
    }
  });

  const run = async (Cmd: string[], { leaving = false } = {}) => {
    const spec = { Image: podman.scratch.image, Cmd };
    const name = `ends-${made.length}`;
    const id = await podman.engine.create({ name, spec, labels: {}, network: podman.scratch.network, mounts: [] });
    made.push(id);
    podman.engine.willBeRemoved(id, leaving);
    await podman.engine.start(id);
    return id;
  };
  const ended = (id: string) =>
    waitFor(async () => (await podman.engine.inspect(id)).state === 'exited', {
      ms: 10_000,
      what: 'the end of a container',
    });
  const mountsOf = (id: string) =>
    readFileSync('/proc/self/mountinfo', 'utf8')
      .split('\n')
      .filter((line) => line.includes(id));
  const runtimeKnows = (id: string) => execFileSync('runc', ['list', '-q'], { encoding: 'utf8' }).includes(id);
  const tidied = (id: string) =>
    waitFor(() => mountsOf(id).length === 0 && !runtimeKnows(id), { ms: 10_000, what: 'what a run leaves to go' });

  it('is tidied up, where it may run again', async () => {
    const id = await run(['sh', '-c', 'touch /dev/shm/left; exit 7']);
    await ended(id);
    await tidied(id);
  });

  it('is left to the removal, where that is to come', async () => {
    const id = await run(['sh', '-c', 'exit 7'], { leaving: true });
    await ended(id);
    expect(await podman.engine.inspect(id)).toMatchObject({ state: 'exited', exitCode: 7 });
    await waitFor(() => monitorsOf(id).length === 0, { ms: 10_000, what: 'the end of the monitor' });
    expect(mountsOf(id)).not.toEqual([]);
    await podman.engine.remove(id);
    made.splice(0);
    expect([mountsOf(id), runtimeKnows(id)]).toEqual([[], false]);
    expect(existsSync(join(podman.service.leavingDirectory, id))).toBe(false);
  });

  it('leaves nothing after the removal, whether it is stopped, killed or running', async () => {
    const stopped = await run(STAYS, { leaving: true });
    await podman.engine.stop(stopped, 5);
    expect(await podman.engine.inspect(stopped)).toMatchObject({ state: 'exited', exitCode: 5 });
    const killed = await run(STAYS, { leaving: true });
    const since = performance.now();
    await podman.engine.kill(killed, 'KILL');
    // Podman waits 20 s for whoever tidies up, where nobody does.
    expect(performance.now() - since).toBeLessThan(10_000);
    await ended(killed);
    const running = await run(STAYS);
    for (const id of [stopped, killed, running]) {
      await podman.engine.remove(id);
      expect([mountsOf(id), runtimeKnows(id)]).toEqual([[], false]);
    }
    made.splice(0);
    expect(readdirSync(podman.service.leavingDirectory)).toEqual([]);
  });

  it('is no hindrance to another start, after all', async () => {
    const id = await run(['sh', '-c', 'exit 7'], { leaving: true });
    await ended(id);
    await podman.engine.start(id);
    await ended(id);
    expect(await podman.engine.inspect(id)).toMatchObject({ state: 'exited', exitCode: 7 });
  });

  it('is tidied up as ever where nothing can be written down', async () => {
    await podman.engine.remove(await run(['true'], { leaving: true }));
    made.splice(0);
    execFileSync('rmdir', [podman.service.leavingDirectory]);
    writeFileSync(podman.service.leavingDirectory, 'no folder');
    const id = await run(['sh', '-c', 'exit 7'], { leaving: true });
    await ended(id);
    await tidied(id);
    await podman.engine.remove(id);
    made.splice(0);
    execFileSync('rm', [podman.service.leavingDirectory]);
  });

  it('of a command has its code, whatever is to come of the container', async () => {
    const id = await run(STAYS, { leaving: true });
    const done = await podman.engine.exec(id, ['sh', '-c', 'echo out; exit 3'], { timeoutMs: 10_000 });
    expect(done).toMatchObject({ exitCode: 3 });
  });
});

function monitorsOf(id: string): string[] {
  const pids = readdirSync('/proc').filter((entry) => /^\d+$/.test(entry));
  return pids.filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(id);
    } catch {
      return false;
    }
  });
}
