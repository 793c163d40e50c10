import { type ChildProcess, spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitFor } from '#lib/common';
import type { NetworkView } from '#lib/contracts';
import { TestProject } from './harness/project.js';
import { useWorld } from './harness/world.js';

const fixture = (name: string) => new URL(`fixtures/${name}`, import.meta.url).pathname;
const ELSEWHERE = '192.0.2.77';

describe('what daemon.json says', () => {
  const world = useWorld(1, ({ address }) => ({
    engine: 'podman',
    config: {
      'fixed-cidr': '172.29.7.0/24',
      'default-address-pools': [
        { base: '10.211.0.0/24', size: 24 },
        { base: '10.212.0.0/16', size: 20 },
      ],
      dns: [address],
      'dns-search': ['corp.test'],
      'dns-opts': ['timeout:1', 'ndots:2'],
      'insecure-registries': [`${address}:5000`],
      'log-level': 'debug',
    },
  }));
  let outside: ChildProcess;
  let project: TestProject;

  beforeAll(async () => {
    const { path, address } = world.outside;
    const argv = [`--net=${path}`, process.execPath, fixture('upstream.mjs'), address, ELSEWHERE];
    outside = spawn('nsenter', argv, { stdio: 'inherit' });
    project = new TestProject(world.node, 'configured', [fixture('two-networks.yaml')]);
    await project.up();
  });
  afterAll(() => void outside?.kill());

  const subnets = (name: string) =>
    world.node.json<NetworkView>(`/skep/v1/networks/${name}`).then(({ pools }) => pools.map(({ subnet }) => subnet));
  const resolvConf = async (service: string) => (await project.exec(service, 'cat', '/etc/resolv.conf')).stdout;

  it('fixed-cidr: the default network has it', async () => {
    expect(await subnets('nat')).toEqual(['172.29.7.0/24']);
  });

  it('default-address-pools: networks get theirs from them, in their order', async () => {
    const both = await Promise.all(['first', 'second'].map((name) => subnets(`configured_${name}`)));
    expect(both.flat().sort()).toEqual(['10.211.0.0/24', '10.212.0.0/20']);
  });

  it('dns-search and dns-opts: containers have them that have none of their own', async () => {
    expect(await resolvConf('one')).toBe('nameserver 127.0.0.11\nsearch corp.test\noptions timeout:1 ndots:2\n');
    expect(await resolvConf('own')).toBe('nameserver 127.0.0.11\nsearch own.test\noptions ndots:5\n');
  });

  it('dns: names that are nobody’s here are asked of it', async () => {
    const asked = () => project.lookup('one', 'somewhere.example');
    await waitFor(async () => (await asked()).includes(ELSEWHERE), { ms: 10_000, every: 200, what: 'the answer' });
  });

  it('insecure-registries: they are asked without TLS, and others are not', async () => {
    const pull = async (registry: string) => {
      const file = join(world.node.folder, 'pull.yaml');
      await writeFile(file, JSON.stringify({ services: { app: { image: `${registry}/nothing:1` } } }));
      return (await new TestProject(world.node, 'pulled', [file]).skep('up', '-d')).stderr;
    };
    expect(await pull(`${world.outside.address}:5000`)).toMatch(/manifest unknown|does not exist/);
    expect(await pull(`${world.outside.address}:5001`)).toContain('server gave HTTP response to HTTPS client');
  });

  it('log-level: debug tells each step', async () => {
    expect(await world.node.log()).toMatch(/"level":20,.*"room":"reconciler"/);
  });
});

describe('nat-prefix in daemon.json', () => {
  const world = useWorld(1, () => ({ config: { 'nat-prefix': '10.213.0.0/16' } }));
  const create = (subnet: string) => world.node.docker(['network', 'create', '-d', 'nat', '--subnet', subnet, 'lan']);

  it('the default network is inside it', async () => {
    const { pools } = await world.node.json<NetworkView>('/skep/v1/networks/nat');
    expect(pools.map(({ subnet }) => subnet)).toEqual([expect.stringMatching(/^10\.213\.\d+\.0\/20$/)]);
  });

  it('a subnet outside of it is refused, and both are named', async () => {
    const { code, stderr } = await create('192.168.7.0/24');
    expect(code).not.toBe(0);
    expect(stderr).toContain('subnet 192.168.7.0/24 is not part of 10.213.0.0/16, which nat-prefix');
    expect((await create('10.213.7.0/24')).code).toBe(0);
  });
});

describe('bridge: none in daemon.json', () => {
  const world = useWorld(1, () => ({ config: { bridge: 'none' } }));

  it('makes no default network', async () => {
    const networks = await world.node.json<NetworkView[]>('/skep/v1/networks');
    expect(networks.filter(({ driver }) => !['host', 'none'].includes(driver))).toEqual([]);
  });
});
