import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { beforeAll, describe, expect, it } from 'vitest';
import { DockerLab } from './harness/docker-lab.js';
import type { Snapshot } from './harness/snapshot.js';
import { useWorld } from './harness/world.js';

/** Milliseconds between two questions, and how long the node may be silent: a second. */
const EVERY = 100;
const MISSED = 1_000 / EVERY;
const ROUNDS = 3;
const VLAN = 'com.docker.network.windowsshim.vlanid=12';

describe('networks and containers come and go', () => {
  const world = useWorld();
  const lab = new DockerLab(world);
  let segment: string;

  /** What a node remembers of others for good; what it merely met comes and goes by itself. */
  const lasting = async () => {
    const kept = await world.node.machine.must('ip', ['neigh', 'show', 'nud', 'permanent']);
    return kept.split('\n').filter(Boolean).sort();
  };
  const state = async (): Promise<[Snapshot, string[]]> => [await world.node.settled(), await lasting()];

  /** The longest silence of the node towards another machine while something is done, in questions. */
  const silence = async (work: () => Promise<unknown>): Promise<number> => {
    const asked = ['ping', '-n', '-i', String(EVERY / 1000), world.node.machine.address];
    const ping = spawn('nsenter', [`--net=${world.outside.path}`, ...asked], { stdio: ['ignore', 'pipe', 'inherit'] });
    let said = '';
    ping.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
    await once(ping.stdout, 'data');
    await work();
    const ended = once(ping, 'exit');
    ping.kill('SIGINT');
    await ended;
    const answered = [...said.matchAll(/icmp_seq=(\d+) ttl/g)].map(([, n]) => Number(n));
    expect(answered.length).toBeGreaterThan(10);
    const sent = Number(/(\d+) packets transmitted/.exec(said)![1]);
    // One may be on its way at the end.
    const ends = [0, ...answered, Math.max(sent - 1, answered.at(-1)!)];
    return Math.max(...ends.slice(1).map((n, at) => n - ends[at]! - 1));
  };

  beforeAll(() => {
    segment = world.outside.address.split('.').slice(0, 3).join('.');
  });

  it.each([
    ['nat', []],
    ['transparent', []],
    ['transparent', ['-o', VLAN]],
    ['l2bridge', []],
    ['l2bridge', ['-o', VLAN]],
    ['l2tunnel', []],
  ])('%s %j: the node is never away for a second, and is as it was afterwards', async (driver, options) => {
    const pool = ['--subnet', `${segment}.0/24`, '--gateway', world.outside.address];
    const hairpin = ['type', 'bridge_slave', 'hairpin', driver === 'l2tunnel' ? 'on' : 'off'];
    await world.outside.must('ip', ['link', 'set', 'dev', 'port1', ...hairpin]);
    const before = await state();
    const round = async () => {
      await lab.docker('network', 'create', '-d', driver, ...(driver === 'nat' ? [] : pool), ...options, 'lan');
      const at = driver === 'nat' ? [] : ['--ip', `${segment}.140`];
      await lab.serve('web', '--network=lan', ...at);
      expect(await lab.docker('inspect', '-f', '{{.State.Running}}', 'web')).toBe('true');
      if (options.length === 0) await lab.answersNode(await lab.addressOf('web'));
      await lab.docker('rm', '-f', 'web');
      await lab.docker('network', 'rm', 'lan');
    };
    const missed = await silence(async () => {
      for (let n = 0; n < ROUNDS; n++) await round();
    });
    expect(missed).toBeLessThan(MISSED);
    expect(await world.node.returnsTo(before[0])).toEqual(before[0]);
    expect(await lasting()).toEqual(before[1]);
  });
});
