import { beforeAll, describe, expect, it } from 'vitest';
import { waitFor } from '#lib/common';
import { DhcpServer } from './harness/dhcp-server.js';
import { DnsWatch } from './harness/dns-watch.js';
import { containerPid, killPart } from './harness/faults.js';
import { DEMO_IMAGE } from './harness/image.js';
import { TestProject } from './harness/project.js';
import type { Outcome } from './harness/process.js';
import { useWorld } from './harness/world.js';

const fixture = (name: string) => new URL(`fixtures/${name}.yaml`, import.meta.url).pathname;

// What is promised by the clock is measured with nothing else at work: a suite of its own, after all others.

describe('kill -9', () => {
  const world = useWorld();
  let witness: TestProject;
  let chain: TestProject;

  beforeAll(async () => {
    witness = new TestProject(world.node, 'witness', [fixture('pair')]);
    chain = new TestProject(world.node, 'chain', [fixture('chain')]);
    await witness.up();
  });

  /** What has just started is looked at and probed for a while. */
  const atRest = () => world.node.settled();

  const ready = () =>
    waitFor(async () => (await world.node.info().catch(() => undefined))?.resolver === 'up', {
      ms: 20_000,
      every: 50,
      what: 'agent and resolver are back',
    });

  it('of the resolver: names resolve again within a second', async () => {
    const { id } = await witness.container('client');
    const addresses = await witness.addresses('web', 'default');
    await atRest();
    const watch = await DnsWatch.start(world.node.sandboxPath(id), 'web');
    await killPart(world.node, 'resolver');
    const began = Date.now();
    await watch.until((answer) => answer.addresses === null, 'questions are lost', began);
    const back = await watch.until((answer) => answer.addresses !== null, 'web resolves again', began);
    await watch.stop();
    expect(back.addresses).toEqual(addresses);
    expect(back.at - began).toBeLessThan(1_000);
    await ready();
  });

  it('of a replica: it leaves the answers within 100 ms', async () => {
    await chain.up('--wait');
    const { id: client } = await chain.container('client');
    const victim = await chain.container('web', 2);
    const gone = victim.networks[0]!.ipv4!;
    const pid = await containerPid(world.node, victim.id);
    await atRest();
    const watch = await DnsWatch.start(world.node.sandboxPath(client), 'web');
    expect(watch.seen.at(-1)?.addresses).toContain(gone);
    const began = Date.now();
    process.kill(pid, 'SIGKILL');
    const left = await watch.until(
      ({ addresses }) => addresses !== null && !addresses.includes(gone),
      `${gone} leaves the answers`,
      began,
    );
    await watch.stop();
    expect(left.addresses).toHaveLength(2);
    expect(left.at - began).toBeLessThan(100);
    await chain.down();
  });
});

describe('a network without a subnet and without a DHCP server', () => {
  const world = useWorld();

  const failsInTime = async (begin: () => Promise<Outcome>) => {
    await world.node.settled();
    const began = Date.now();
    const { code, stdout, stderr } = await begin();
    expect(Date.now() - began).toBeLessThan(10_000);
    expect(code).not.toBe(0);
    expect(stdout + stderr).toContain('no DHCP server answered on uplink within 6 s');
  };

  it('docker run fails within ten seconds, and docker start', async () => {
    const { node } = world;
    await node.mustDocker(['network', 'create', '-d', 'transparent', 'lan']);
    await failsInTime(() => node.docker(['run', '-d', '--network', 'lan', DEMO_IMAGE, 'serve']));
    const server = new DhcpServer(world.outside, 'switch');
    try {
      await server.serve(50, 99);
      await node.mustDocker(['run', '-d', '--name', 'late', '--network', 'lan', DEMO_IMAGE, 'serve']);
      await node.mustDocker(['stop', '-t', '0', 'late']);
    } finally {
      await server.end();
    }
    await failsInTime(() => node.docker(['start', 'late']));
    await node.mustDocker(['rm', 'late']);
    await node.mustDocker(['network', 'rm', 'lan']);
  });

  it('skep up fails within ten seconds', async () => {
    const project = TestProject.sample(world.node, 'transparent');
    await failsInTime(() => project.skep('up', '-d'));
    await project.down();
  });
});
