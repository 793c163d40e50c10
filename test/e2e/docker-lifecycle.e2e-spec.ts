import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { waitFor } from '#lib/common';
import { DEMO_IMAGE } from './harness/image.js';
import { whilePaused } from './harness/paused.js';
import { useWorld } from './harness/world.js';

describe('containers from their making to their end, by the real docker CLI', () => {
  const world = useWorld();
  const docker = async (...args: string[]) => (await world.node.mustDocker(args)).trim();
  const refused = async (...args: string[]) => {
    const { code, stderr } = await world.node.docker(args);
    expect(code).not.toBe(0);
    return stderr.trim();
  };
  const state = (name: string, what: string) => docker('inspect', '--format', `{{.State.${what}}}`, name);
  const says = (name: string, word: string) =>
    waitFor(async () => (await docker('logs', name)).includes(word), { ms: 10_000, what: `${name} to say ${word}` });
  /** A container whose shell has set its traps when this resolves. */
  async function trapping(name: string, trap: string): Promise<void> {
    const script = `trap '${trap}' INT; echo set; while :; do sleep 0.1; done`;
    await docker('run', '--detach', '--name', name, DEMO_IMAGE, 'sh', '-c', script);
    await says(name, 'set');
  }

  it.each([
    ['nothing special', []],
    ['memory and a port', ['--memory', '64m', '--publish', '8080:80']],
    ['the IPC of the machine', ['--ipc', 'host']],
    ['all privileges', ['--privileged']],
  ])('can be made of what inspection shows of another one: %s', async (_what, options) => {
    const { node } = world;
    await docker('run', '--detach', '--name', 'model', ...options, DEMO_IMAGE, 'sleep', '1000');
    const { HostConfig } = await node.json<{ HostConfig: object }>('/containers/model/json');
    await docker('rm', '--force', 'model');
    await node.api('POST', '/containers/create?name=copy', { Image: DEMO_IMAGE, Cmd: ['sleep', '1000'], HostConfig });
    await docker('start', 'copy');
    const masked = await docker('exec', 'copy', 'sh', '-c', 'wc -c </proc/keys');
    if (!options.includes('--privileged')) expect(masked).toBe('0');
    await docker('rm', '--force', 'copy');
  });

  it('are stopped by the signal that was asked for', async () => {
    await trapping('polite', 'exit 7');
    const begun = Date.now();
    await docker('stop', '--signal', 'SIGINT', 'polite');
    expect(Date.now() - begun).toBeLessThan(8_000);
    expect(await state('polite', 'ExitCode')).toBe('7');
    expect(await refused('stop', '--signal', 'NOPE', 'polite')).toContain('invalid signal: NOPE');
    await docker('restart', '--signal', 'SIGINT', 'polite');
    expect(await state('polite', 'Status')).toBe('running');
  });

  it('are killed when the signal that was asked for does not end them in time', async () => {
    await trapping('deaf', '');
    await docker('stop', '--signal', 'SIGINT', '--time', '1', 'deaf');
    expect(await state('deaf', 'ExitCode')).toBe('137');
  });

  it('are given all the time that they take where their stop timeout is -1', async () => {
    const script = `trap 'echo heard' TERM; trap 'exit 7' INT; echo set; while :; do sleep 0.1; done`;
    await docker('run', '-d', '--stop-timeout', '-1', '--name', 'slow', DEMO_IMAGE, 'sh', '-c', script);
    await says('slow', 'set');
    const stopped = docker('stop', 'slow');
    await says('slow', 'heard');
    await docker('kill', '--signal', 'INT', 'slow');
    await stopped;
    expect(await state('slow', 'ExitCode')).toBe('7');
  });

  it('are removed by force at once also during a stop that has no end', async () => {
    await trapping('endless', 'echo heard');
    const stopped = docker('stop', '--time', '-1', '--signal', 'INT', 'endless');
    await says('endless', 'heard');
    const begun = Date.now();
    await docker('rm', '--force', 'endless');
    expect(Date.now() - begun).toBeLessThan(8_000);
    await stopped;
  });

  it('count as running between two runs of a crash loop', async () => {
    await docker('run', '--detach', '--restart', 'always', '--name', 'loop', DEMO_IMAGE, 'false');
    const refusal = 'container is restarting: stop the container before removing';
    // The pauses grow; in a long one there is time to ask.
    const fourthTime = async () => Number(await docker('inspect', '--format', '{{.RestartCount}}', 'loop')) >= 4;
    const restarting = async () => (await fourthTime()) && (await refused('rm', 'loop')).includes(refusal);
    await waitFor(restarting, { ms: 30_000, what: 'a crash loop' });
    expect(await docker('wait', 'loop')).toBe('1');
    await docker('kill', 'loop');
    await waitFor(async () => (await state('loop', 'Status')) === 'exited', { ms: 5_000, what: 'the end of the loop' });
    const count = await docker('inspect', '--format', '{{.RestartCount}}', 'loop');
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    expect([await state('loop', 'Status'), await docker('inspect', '--format', '{{.RestartCount}}', 'loop')]).toEqual([
      'exited',
      count,
    ]);
  });

  it('get their limits while they are paused', async () => {
    await docker('run', '--detach', '--name', 'still', DEMO_IMAGE, 'sleep', '1000');
    const pid = await state('still', 'Pid');
    await whilePaused(world.node, 'still', async () => {
      await docker('update', '--pids-limit', '50', 'still');
      const lines = readFileSync(`/proc/${pid}/cgroup`, 'utf8').split('\n');
      const own = lines.find((line) => line.split(':')[1]?.split(',').includes('pids'));
      const unified = lines.find((line) => line.startsWith('0::'))?.slice(3);
      const folder = own ? `/sys/fs/cgroup/pids${own.split(':')[2]}` : `/sys/fs/cgroup${unified}`;
      expect(readFileSync(`${folder}/pids.max`, 'utf8').trim()).toBe('50');
    });
  });
});
