import { beforeAll, describe, expect, it } from 'vitest';
import { waitFor } from '#lib/common';
import { DnsWatch } from './harness/dns-watch.js';
import { containerPid, killPart } from './harness/faults.js';
import { TestProject } from './harness/project.js';
import { useWorld } from './harness/world.js';

const fixture = (name: string) => new URL(`fixtures/${name}.yaml`, import.meta.url).pathname;

/** What is promised in milliseconds is measured with nothing else at work: a suite of its own, after all others. */
describe('kill -9', () => {
  const world = useWorld();
  let witness: TestProject;
  let chain: TestProject;

  beforeAll(async () => {
    witness = new TestProject(world.node, 'witness', [fixture('pair')]);
    chain = new TestProject(world.node, 'chain', [fixture('chain')]);
    await witness.up();
  });

  const ready = () =>
    waitFor(async () => (await world.node.info().catch(() => undefined))?.resolver === 'up', {
      ms: 20_000,
      every: 50,
      what: 'agent and resolver are back',
    });

  it('of the resolver: names resolve again within a second', async () => {
    const { id } = await witness.container('client');
    const addresses = await witness.addresses('web', 'default');
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
    await chain.up();
    const { id: client } = await chain.container('client');
    const victim = await chain.container('web', 2);
    const gone = victim.networks[0]!.ipv4!;
    const pid = await containerPid(world.node, victim.id);
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
