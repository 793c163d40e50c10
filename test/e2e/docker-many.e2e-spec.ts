import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { waitFor } from '#lib/common';
import { DEMO_IMAGE } from './harness/image.js';
import { processesOf } from './harness/processes.js';
import { useWorld } from './harness/world.js';

/** How many containers are run one after another, and how long clients work at once; the whole is 200 and 60 s. */
const RUNS = Number(process.env['SKEP_TEST_RUNS'] ?? 40);
const SECONDS = Number(process.env['SKEP_TEST_SECONDS'] ?? 12);
const CLIENTS = Number(process.env['SKEP_TEST_CLIENTS'] ?? 50);
/** Of memory that a garbage collector has not looked at yet, in MiB. */
const SLACK_MIB = 150;

describe('many containers and many clients', () => {
  const world = useWorld();

  /** Of the agent. */
  const held = async (): Promise<{ files: number; mib: number }> => {
    const agent = (await processesOf(world.node.folder)).find(({ command }) => /agent/.test(command));
    const status = readFileSync(`/proc/${agent!.pid}/status`, 'utf8');
    const mib = Number(/VmRSS:\s+(\d+)/.exec(status)![1]) / 1024;
    return { files: readdirSync(`/proc/${agent!.pid}/fd`).length, mib };
  };
  /** Connections that are kept for the next request are closed after seconds. */
  const released = (before: { files: number; mib: number }) =>
    waitFor(async () => (await held()).files <= before.files + 5, {
      ms: 30_000,
      every: 500,
      what: `the agent to have no more than ${before.files} + 5 open files`,
    });
  const rows = async () => (await world.node.mustDocker(['ps', '--all', '--quiet'])).trim();

  it(`docker run --rm ${RUNS} times in a row leaves nothing behind`, { timeout: 600_000 }, async () => {
    const { node } = world;
    await node.mustDocker(['run', '--rm', DEMO_IMAGE, 'true']);
    const before = { machine: await node.settled(), ...(await held()) };
    for (let n = 0; n < RUNS; n++) {
      const ran = await node.docker(['run', '--rm', DEMO_IMAGE, 'sh', '-c', `echo ${n}; exit ${n % 100}`]);
      expect(ran).toEqual({ code: n % 100, stdout: `${n}\n`, stderr: '' });
    }
    expect(await node.returnsTo(before.machine)).toEqual(before.machine);
    await released(before);
    const after = await held();
    expect(await rows()).toBe('');
    expect(after.mib).toBeLessThan(before.mib + SLACK_MIB);
  });

  it(`${CLIENTS} clients at once for ${SECONDS} s: no error, nothing left`, { timeout: 600_000 }, async () => {
    const { node } = world;
    const before = { machine: await node.settled(), ...(await held()) };
    const until = Date.now() + SECONDS * 1000;
    let rounds = 0;
    const client = async (n: number) => {
      for (let round = 0; round === 0 || Date.now() < until; round++) {
        const name = `client-${n}-${round}`;
        const docker = async (...args: string[]) => (await node.mustDocker(args, { timeoutMs: 240_000 })).trim();
        await docker('create', '--name', name, DEMO_IMAGE, 'sh', '-c', `echo ${name}; exec sleep 1000`);
        await docker('start', name);
        const following = node.docker(['logs', '--follow', name], { timeoutMs: 240_000 });
        expect(await docker('inspect', '--format', '{{.State.Status}}', name)).toBe('running');
        expect(await docker('exec', name, 'echo', 'inside')).toBe('inside');
        expect(await docker('rm', '--force', name)).toBe(name);
        expect((await following).stdout).toBe(`${name}\n`);
        rounds++;
      }
    };
    await Promise.all(Array.from({ length: CLIENTS }, (_, n) => client(n)));
    expect(rounds).toBeGreaterThanOrEqual(CLIENTS);
    expect(await node.returnsTo(before.machine)).toEqual(before.machine);
    await released(before);
    const after = await held();
    expect(await rows()).toBe('');
    expect(after.mib).toBeLessThan(before.mib + SLACK_MIB);
    console.log(`${rounds} rounds; agent: ${Math.round(before.mib)} MiB, then ${Math.round(after.mib)} MiB`);
  });
});
