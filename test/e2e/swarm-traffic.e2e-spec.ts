import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { groupBy, waitFor } from '#lib/common';
import { createHost, type Host } from '#lib/host';
import { translationsIn } from '#lib/drivers';
import { digTimes, firsts } from './harness/dig.js';
import { DnsWatch } from './harness/dns-watch.js';
import { replaceAgent } from './harness/faults.js';
import { Load, type LoadResult } from './harness/load.js';
import type { TestNode } from './harness/node.js';
import { type Placed, Swarm, tasksOn } from './harness/swarm.js';
import { useWorld } from './harness/world.js';

const NETWORK = 'wide';
const REPLICAS = 6;
/** Requests a second, from all callers together. */
const RATE = 200;
/** How many replicas are killed of each service, and how often the number of replicas changes. */
const KILLS = Number(process.env['SKEP_TEST_KILLS'] ?? 2);
const CHURN = Number(process.env['SKEP_TEST_CHURN'] ?? 10);

/** Says its host name at /name without a process, and who asked at /. */
const SERVE = ['sh', '-c', 'hostname > /www/name; exec serve'];
/** Asked often only until it answers: each question starts programs. */
const HEALTHY = ['--health-cmd', 'wget -q -O /dev/null http://127.0.0.1/name', '--health-interval', '30s'];
const PROMPT = [...HEALTHY, '--health-start-period', '60s', '--health-start-interval', '1s'];

/** Two minutes on a quiet machine; on a busy one requests wait for the machine, not for the network. */
describe('requests to a service of a swarm by its name', () => {
  const world = useWorld(3);
  let manager: TestNode;
  let swarm: Swarm;
  let host: Host;
  let clients: Placed[];
  const loads: Load[] = [];

  const docker = (...args: string[]) => swarm.docker(...args);
  const update = (name: string, ...args: string[]) =>
    docker('service', 'update', '--detach', '--no-resolve-image', ...args, name);
  const of = async (service: string) =>
    (await Promise.all(world.nodes.map(tasksOn))).flat().filter((each) => each.service === service);
  const runs = (service: string, count: number) => swarm.settled(service, count);
  const ask = async ({ node, id }: Placed, url: string) =>
    (await node.inSandbox(id, 'curl', ['-s', '-m', '5', url])).trim();
  const names = async (client: Placed, name: string) =>
    [...(await digTimes(client.node, client.id, name, 1, 'udp'))[0]!].sort();
  const addressesOf = (placed: readonly Placed[]) => placed.map(({ address }) => address).sort();

  /** Requests from all callers during some work. */
  async function loaded(service: string, work: () => Promise<void>): Promise<LoadResult[]> {
    const rate = { [service]: RATE / clients.length };
    const own = await Promise.all(clients.map(({ node, id }) => Load.start(node.sandboxPath(id), rate)));
    loads.push(...own);
    await work();
    const results = await Promise.all(own.map((load) => load.stop()));
    return results.map((each) => each[service]!);
  }

  const becomes = (service: string, state: string) =>
    waitFor(
      async () =>
        (await docker('service', 'inspect', service, '--format', '{{with .UpdateStatus}}{{.State}}{{end}}')) === state,
      {
        ms: 120_000,
        every: 500,
        what: `the update of ${service} is ${state}`,
      },
    );

  async function replacedUnderLoad(service: string, order: string): Promise<void> {
    const began = Date.now();
    const all = await loaded(service, async () => {
      // Each of the old ones has been asked by then: the first leave at once.
      await setTimeout(1_000);
      await update(service, '--update-order', order, '--env-add', `A=${began}`);
      await becomes(service, 'completed');
    });
    const seconds = (Date.now() - began) / 1_000;
    expect(failuresOf(all)).toEqual([]);
    expect(all.reduce((sum, { requests }) => sum + requests, 0)).toBeGreaterThan(0.8 * RATE * seconds);
    expect(new Set(all.flatMap(({ answers }) => Object.keys(answers))).size).toBe(2 * REPLICAS);
  }

  async function brokenUnderLoad(service: string, order: string, action: string, state: string): Promise<void> {
    const broken = ['--args', 'false', '--update-parallelism', '1', '--update-order', order];
    const all = await loaded(service, async () => {
      await update(service, ...broken, '--update-failure-action', action);
      await becomes(service, state);
    });
    expect(failuresOf(all)).toEqual([]);
  }

  beforeAll(async () => {
    host = createHost();
    manager = world.node;
    // A busy machine is no node that is down.
    swarm = await Swarm.found(world.nodes, ['--dispatcher-heartbeat', '20s']);
    const subnets = ['--ipv6', '--subnet', '10.77.0.0/24', '--subnet', 'fd77::/64'];
    await docker('network', 'create', '-d', 'overlay', ...subnets, NETWORK);
    // Without a virtual address, of which a rule would stay in its namespaces.
    const once = ['--replicas-max-per-node', '1', '--endpoint-mode', 'dnsrr'];
    await swarm.service('client', 3, ['--network', NETWORK, ...once], 'idle');
    clients = await runs('client', 3);
  });
  afterAll(async () => {
    for (const load of loads) load.kill();
    host?.close();
  });

  const often = ['--network', NETWORK, '--restart-delay', '500ms', '--update-parallelism', '2', ...PROMPT];
  const prompt = [...often, '--update-monitor', '1s'];

  describe('that has a virtual address', () => {
    const addresses = { web: '', web6: '' };
    /** Where a container's namespace leads the virtual address, by the kernel's own word. */
    const behind = ({ node, id }: Placed) => {
      const netns = node.sandboxPath(id).slice('/run/netns/'.length);
      const there = translationsIn(host.nftTable('inet', node.kernelNames.nftTable, netns));
      return [...(there?.find(({ address }) => address === addresses.web)?.to ?? [])].sort();
    };
    const follows = (client: Placed, left: readonly Placed[]) =>
      waitFor(() => JSON.stringify(behind(client)) === JSON.stringify(addressesOf(left)), {
        ms: 20_000,
        every: 50,
        what: 'the same behind the address',
      });

    beforeAll(async () => {
      await swarm.service('web', REPLICAS, prompt, SERVE);
      // Not `none`: dig takes that for a class.
      await swarm.service('nobody', 0, ['--network', NETWORK], 'idle');
      await runs('web', REPLICAS);
      const format = '{{range .Endpoint.VirtualIPs}}{{.Addr}} {{end}}';
      const given = (await docker('service', 'inspect', 'web', '--format', format)).split(' ');
      [addresses.web, addresses.web6] = given.map((each) => each.split('/')[0]!) as [string, string];
    });

    it('answers with that on every node, and with its replicas where these are asked for', async () => {
      const web = addressesOf(await of('web'));
      for (const client of clients) {
        expect(await names(client, 'web')).toEqual([addresses.web]);
        expect(await names(client, 'tasks.web')).toEqual(web);
      }
      const local = clients.find(({ node }) => node === manager)!;
      const dns = await manager.skep(['dns', 'lookup', 'web', '--from', local.name]);
      expect(dns.stdout).toContain('virtual address');
    });

    it('reaches each replica in its turn, which sees the caller; also from one that calls itself', async () => {
      const web = await of('web');
      for (const client of [...clients, web[0]!]) {
        const hosts = new Set<string>();
        for (let n = 0; n < REPLICAS; n++) hosts.add(await ask(client, `http://${addresses.web}/name`));
        expect(hosts.size).toBe(REPLICAS);
        for (let n = 0; n < REPLICAS; n++) hosts.delete(await ask(client, `http://[${addresses.web6}]/name`));
        expect(hosts.size).toBe(0);
        expect(await ask(client, `http://${addresses.web}/`)).toContain(`client: ${client.address}\n`);
        await client.node.inSandbox(client.id, 'ping', ['-c', '2', '-i', '0.2', '-W', '2', addresses.web]);
      }
    });

    it('is refused at once where there is no replica', async () => {
      for (const client of clients) {
        const [address] = await names(client, 'nobody');
        expect(address).toMatch(/^10\.77\.0\./);
        const began = Date.now();
        await expect(ask(client, `http://${address}/`)).rejects.toThrow('exit code 7');
        expect(Date.now() - began).toBeLessThan(3_000);
      }
    });

    it.each(['stop-first', 'start-first'])('fails never while all replicas are replaced, %s', (order) =>
      replacedUnderLoad('web', order),
    );

    it('fails never while an update fails and goes back, as was said', async () => {
      await brokenUnderLoad('web', 'stop-first', 'rollback', 'rollback_completed');
      await runs('web', REPLICAS);
    });

    it('goes on while an agent is killed and comes back, and follows again', async () => {
      const client = clients[1]!;
      const load = await Load.start(client.node.sandboxPath(client.id), { web: 50 });
      loads.push(load);
      await replaceAgent(client.node);
      await docker('service', 'scale', '--detach', `web=${REPLICAS - 1}`);
      const left = await runs('web', REPLICAS - 1);
      await follows(client, left);
      await docker('service', 'scale', '--detach', `web=${REPLICAS}`);
      await runs('web', REPLICAS);
      expect(failuresOf(Object.values(await load.stop()))).toEqual([]);
      clients = await runs('client', 3);
    });

    it('leads nowhere near a replica that was killed', async () => {
      const late = { here: [] as number[], elsewhere: [] as number[] };
      for (let n = 0; n < KILLS; n++) {
        const victim = (await runs('web', REPLICAS))[n % REPLICAS]!;
        const killed = Date.now();
        process.kill(victim.pid, 'SIGKILL');
        const waiting = new Set(clients);
        await waitFor(
          () => {
            for (const client of waiting) {
              if (behind(client).includes(victim.address)) continue;
              (client.node === victim.node ? late.here : late.elsewhere).push(Date.now() - killed);
              waiting.delete(client);
            }
            return waiting.size === 0;
          },
          { ms: 20_000, every: 2, what: `${victim.name} is not behind the address any more` },
        );
      }
      inTime(late);
      await runs('web', REPLICAS);
    });

    it('after much coming and going: every node knows who there is, and nobody else', async () => {
      for (let n = 0; n < CHURN; n++) {
        await docker('service', 'scale', '--detach', `web=${n % 2 ? 5 : 2 + (n % 3)}`);
        await waitFor(async () => [...(await swarm.states('web')).values()].some((each) => each === 'Running'), {
          ms: 30_000,
          every: 100,
          what: 'some task runs',
        });
      }
      await docker('service', 'scale', '--detach', 'web=4');
      const left = await runs('web', 4);
      const said = [...(await swarm.states('web')).keys()].sort();
      expect(left.map(({ name }) => name).sort()).toEqual(said);
      for (const client of [...clients, left[0]!]) {
        await follows(client, left);
        expect(await names(client, 'tasks.web')).toEqual(addressesOf(left));
        expect(await names(client, 'web')).toEqual([addresses.web]);
      }
    });

    it('leaves no rule behind when it is gone', async () => {
      await docker('service', 'rm', 'web', 'nobody');
      for (const { node, id } of clients) {
        const netns = node.sandboxPath(id).slice('/run/netns/'.length);
        await waitFor(() => host.nftTable('inet', node.kernelNames.nftTable, netns) === undefined, {
          ms: 20_000,
          every: 50,
          what: 'no table',
        });
      }
    });
  });

  describe('that answers with its replicas (dnsrr)', () => {
    beforeAll(async () => {
      await swarm.service('rr', REPLICAS, [...prompt, '--endpoint-mode', 'dnsrr'], SERVE);
      await runs('rr', REPLICAS);
    });

    it('answers with all of them on every node, each first in its turn', async () => {
      const rr = addressesOf(await of('rr'));
      for (const client of clients) {
        expect(await names(client, 'rr')).toEqual(rr);
        const answers = await digTimes(client.node, client.id, 'rr', 2 * REPLICAS, 'udp');
        expect(Object.fromEntries(firsts(answers))).toEqual(Object.fromEntries(rr.map((each) => [each, 2])));
      }
    });

    it('fails never while all replicas are replaced, stop-first', () => replacedUnderLoad('rr', 'stop-first'));

    it('fails never while an update fails and pauses, as was said', async () => {
      await brokenUnderLoad('rr', 'start-first', 'pause', 'paused');
      await docker('service', 'rollback', '--detach', 'rr');
      await becomes('rr', 'rollback_completed');
    });

    it('leaves a replica that was killed out of its answers', async () => {
      const late = { here: [] as number[], elsewhere: [] as number[] };
      for (let n = 0; n < KILLS; n++) {
        const victim = (await runs('rr', REPLICAS))[n % REPLICAS]!;
        const watches = await Promise.all(clients.map((each) => DnsWatch.start(each.node.sandboxPath(each.id), 'rr')));
        const killed = Date.now();
        process.kill(victim.pid, 'SIGKILL');
        for (const [index, watch] of watches.entries()) {
          const without = await watch.until(
            ({ addresses: all }) => all !== null && !all.includes(victim.address),
            `${victim.name} is out of the name`,
            killed,
          );
          (clients[index]!.node === victim.node ? late.here : late.elsewhere).push(without.at - killed);
          await watch.stop();
        }
      }
      inTime(late);
    });
  });
});

/** Promised are 100 ms on its node and 1 s elsewhere; machines that run tests are busy. */
function inTime(late: Record<'here' | 'elsewhere', number[]>): void {
  console.log(`out of answers after ms: ${JSON.stringify(late)}`);
  expect(Math.max(0, ...late.here)).toBeLessThan(1_000);
  expect(Math.max(...late.elsewhere)).toBeLessThan(5_000);
}

/** A line for each sort of failure: how often, when first and last, why. */
function failuresOf(all: readonly LoadResult[]): string[] {
  const sorts = groupBy(
    all.flatMap(({ failures }) => failures),
    ({ why, address }) => `${why} ${address}`,
  );
  const time = (at: number) => new Date(at).toISOString().slice(11, 23);
  return [...sorts].map(([sort, each]) => {
    const at = each.map((one) => one.at).sort((a, b) => a - b);
    return `${each.length} × ${sort}, from ${time(at[0]!)} to ${time(at.at(-1)!)}`;
  });
}
