import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitFor } from '#lib/common';
import { DhcpServer } from './harness/dhcp-server.js';
import { TestProject } from './harness/project.js';
import type { Snapshot } from './harness/snapshot.js';
import { useWorld } from './harness/world.js';

describe('sample transparent: addresses by DHCP', () => {
  const world = useWorld();
  let before: Snapshot;
  let server: DhcpServer;
  let project: TestProject;
  const addressOf = async (service: string) => (await project.addresses(service, 'lan'))[0] ?? '';
  const lastByte = (address: string) => Number(address.split('.')[3]);
  /** Makes the clients ask the server again, as half the lease's time would. */
  const renew = async () => {
    const folder = join(world.node.folder, 'exec/dhcp');
    const files = (await readdir(folder)).filter((name) => name.endsWith('.pid'));
    const pids = await Promise.all(files.map(async (name) => Number(await readFile(join(folder, name), 'utf8'))));
    for (const pid of pids) process.kill(pid, 'SIGUSR1');
    return pids;
  };

  beforeAll(async () => {
    server = new DhcpServer(world.outside, 'switch');
    project = TestProject.sample(world.node, 'transparent');
    before = await world.node.settled();
  });
  afterAll(() => server.end());

  it('says what to check when no server answers, and works once one does', async () => {
    const { code, stdout, stderr } = await project.skep('up', '-d');
    expect(code).not.toBe(0);
    expect(stdout + stderr).toMatch(
      /got no address on network transparent_lan: no DHCP server answered on uplink within 6 s/,
    );
    expect(stdout + stderr).toMatch(/MAC address spoofing/);
    await server.serve(100, 149);
    await waitFor(async () => (await project.containers()).length === 2, { ms: 40_000, what: 'both run' });
  });

  it('shows the leased addresses, and names lead to them', async () => {
    const web = await addressOf('web');
    expect(lastByte(web)).toBeGreaterThanOrEqual(100);
    expect(await project.lookup('client', 'web.')).toEqual([web]);
    const network = await project.network('lan');
    expect(network.containers.find(({ name }) => name === 'transparent-web-1')?.ipv4).toBe(web);
    expect(network.pools).toEqual([]);
    expect((await project.exec('web', 'cat', '/etc/hosts')).stdout).toContain(web);
    expect((await project.exec('web', 'cat', '/etc/resolv.conf')).stdout).toContain('search lan.test');
  });

  it('connects containers, the outside and the node', async () => {
    const [web, client] = [await addressOf('web'), await addressOf('client')];
    expect(await project.fetch('client', 'http://web/')).toContain(`eth0: ${web}`);
    expect(await world.outside.get(`http://${web}/`)).toContain(`eth0: ${web}`);
    expect(await world.node.machine.get(`http://${web}/`)).toContain(`eth0: ${web}`);
    expect(await project.pings('client', world.outside.address)).toBe(true);
    expect(client).not.toBe(web);
  });

  it('keeps the clients when the daemon is killed and comes back', async () => {
    const pids = await renew();
    const web = await addressOf('web');
    await world.node.stop('SIGKILL');
    await world.node.start();
    expect(await renew()).toEqual(pids);
    expect(await addressOf('web')).toBe(web);
  });

  it('follows the server to other addresses', async () => {
    await server.serve(200, 249);
    await renew();
    const moved = async () => lastByte(await addressOf('web')) >= 200 && lastByte(await addressOf('client')) >= 200;
    await waitFor(moved, { ms: 20_000, every: 200, what: 'ps shows the new addresses' });
    const web = await addressOf('web');
    // With the dot: busybox's nslookup asks for nothing but NAME.SEARCH otherwise.
    const named = async () => (await project.lookup('client', 'web.'))[0] === web;
    await waitFor(named, { ms: 10_000, every: 200, what: 'the name leads to the new address' });
    expect(await project.fetch('client', 'http://web/')).toContain(`eth0: ${web}`);
    const listed = async () => (await project.exec('web', 'cat', '/etc/hosts')).stdout.includes(web);
    await waitFor(listed, { ms: 5000, what: '/etc/hosts has the new address' });
  });

  it('leaves nothing behind', async () => {
    await project.down();
    expect(await world.node.returnsTo(before)).toEqual(before);
    expect(await readdir(join(world.node.folder, 'exec/dhcp'))).toEqual([]);
  });
});
