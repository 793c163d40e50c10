import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { waitFor } from '#lib/common';
import { following } from './harness/following.js';
import { DEMO_IMAGE } from './harness/image.js';
import { processesOf } from './harness/processes.js';
import { useWorld } from './harness/world.js';

/** How many containers are run one after another, and how long clients work at once; the whole is 200 and 60 s. */
const RUNS = Number(process.env['SKEP_TEST_RUNS'] ?? 40);
const SECONDS = Number(process.env['SKEP_TEST_SECONDS'] ?? 12);
const CLIENTS = Number(process.env['SKEP_TEST_CLIENTS'] ?? 50);
/** By how much the heap may have grown when its garbage is collected, in MiB: events and ended commands are kept a while. */
const KEPT_MIB = 12;
/** Of the process's memory beyond its heap, in MiB: what allocators keep for the next load. */
const SLACK_MIB = 100;
/** Handles and requests of Node.js that come and go by themselves: timers, and what is being closed. */
const PASSING = ['Timeout', 'Immediate', 'CloseReq', 'FSReqPromise', 'FSReqCallback'];

interface Held {
  files: number;
  sockets: number;
  /** of the process, in MiB */
  mib: number;
  /** on V8's heap and in buffers without garbage, in MiB */
  heap: number;
  /** open handles of Node.js by their kind */
  handles: Record<string, number>;
}

const brief = ({ files, sockets, mib, heap }: Held): string =>
  `${Math.round(mib)} MiB, of them ${Math.round(heap)} in use, ${files} files, ${sockets} sockets`;

/** In words, what is held beyond what was held before and beyond what may be kept. */
const moreIn = (now: Held, before: Held): string[] =>
  [
    ...Object.keys(now.handles).map((kind) => [kind, now.handles[kind]!, before.handles[kind] ?? 0] as const),
    ['files', now.files, before.files] as const,
    ['sockets', now.sockets, before.sockets] as const,
    ['MiB on the heap', now.heap, before.heap + KEPT_MIB] as const,
    ['MiB', now.mib, before.mib + SLACK_MIB] as const,
  ].flatMap(([what, is, most]) => (is > most ? [`${is} ${what}, and ${most} are accepted`] : []));

describe('many containers and many clients', () => {
  const world = useWorld();

  const agentPid = async () => (await processesOf(world.node.folder)).find(({ command }) => /agent/.test(command))!.pid;
  const filesOf = (pid: number) =>
    readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        return readlinkSync(`/proc/${pid}/fd/${fd}`);
      } catch {
        return [];
      }
    });
  /** By the agent. */
  const held = async (): Promise<Held> => {
    const pid = await agentPid();
    const script = join(import.meta.dirname, 'harness/heap.mjs');
    const { heap, outside, resources } = JSON.parse(
      await world.node.machine.must(process.execPath, [script, String(pid)]),
    ) as { heap: number; outside: number; resources: Record<string, number> };
    const handles = Object.fromEntries(Object.entries(resources).filter(([kind]) => !PASSING.includes(kind)));
    const files = filesOf(pid);
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const mib = Number(/VmRSS:\s+(\d+)/.exec(status)![1]) / 1024;
    const sockets = files.filter((file) => file.startsWith('socket:')).length;
    return { files: files.length, sockets, mib, heap: (heap + outside) / 2 ** 20, handles };
  };
  /** Connections that are kept for the next request are closed after seconds; what is more than before must go. */
  const released = async (before: Held): Promise<Held> => {
    let after = await held();
    const ended = async () => moreIn((after = await held()), before).length === 0;
    await waitFor(ended, { ms: 30_000, every: 500, what: 'the agent to hold no more than before' }).catch(() =>
      expect(moreIn(after, before)).toEqual([]),
    );
    return after;
  };
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
    expect(await rows()).toBe('');
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
        const follower = following(node, ['logs', '--follow', name]);
        expect(await docker('inspect', '--format', '{{.State.Status}}', name)).toBe('running');
        expect(await docker('exec', name, 'echo', 'inside')).toBe('inside');
        await follower.begun;
        expect(await docker('rm', '--force', name)).toBe(name);
        expect(await follower.stdout).toBe(`${name}\n`);
        rounds++;
        if (rounds % 250 === 0) console.log(`${rounds} rounds: ${brief(await held())}`);
      }
    };
    await Promise.all(Array.from({ length: CLIENTS }, (_, n) => client(n)));
    expect(rounds).toBeGreaterThanOrEqual(CLIENTS);
    expect(await node.returnsTo(before.machine)).toEqual(before.machine);
    expect(await rows()).toBe('');
    const after = await released(before);
    console.log(`${rounds} rounds; agent: ${brief(before)}, then ${brief(after)}`);
  });
});
