import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { waitFor } from '#lib/common';
import { daemonConfig } from '#lib/contracts';
import { freshStatus, NodeNames, type Container, type Endpoint, type Network } from '#lib/domain';
import { FakeHost } from '#lib/host';
import { openNodeStore, type Store } from '#lib/store';
import { DhcpLeases } from './dhcp-leases.js';

const names = new NodeNames('ab'.repeat(32));
const network = (name: string, more: Partial<Network> = {}) =>
  ({
    id: name.padEnd(64, '0'),
    name,
    driver: 'transparent',
    uplink: 'eth0',
    pools: [],
    enableIPv4: true,
    options: {},
    target: 'present',
    ...more,
  }) as Network;
const container = (name: string, on: Network, at: Partial<Endpoint> = {}) =>
  ({
    id: name.padEnd(64, '0'),
    name,
    target: 'running',
    spec: {},
    endpoints: [{ networkId: on.id, ifName: 'eth0', mac: '', ...at }],
  }) as unknown as Container;
const lan = network('lan');

describe('leases', () => {
  let folder: string;
  let store: Store;
  let host: FakeHost;
  let leases: DhcpLeases;
  const children: ChildProcess[] = [];

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'skep-dhcp-leases-'));
    mkdirSync(join(folder, 'dhcp'));
    store = await openNodeStore(join(folder, 'node.db'));
    host = new FakeHost();
    const config = daemonConfig({ dataRoot: folder, execRoot: folder });
    leases = new DhcpLeases({ id: '', names, config }, store, host);
  });
  afterEach(async () => {
    leases.stop();
    for (const child of children.splice(0)) child.kill('SIGKILL');
    host.close();
    await store.close();
    rmSync(folder, { recursive: true });
  });

  const file = ({ id }: Container, kind: string) => join(folder, 'dhcp', `${id}-${lan.id}.${kind}`);
  const report = (of: Container, ipv4: string) =>
    writeFileSync(file(of, 'lease'), `event=bound\nip=${ipv4}\nmask=24\nserverid=192.0.2.3\n`);
  /** What an earlier agent has left: a process that names its pid file. */
  async function client(of: Container, ipv4: string): Promise<ChildProcess> {
    const child = spawn('sh', ['-c', 'read line', file(of, 'pid')], { stdio: 'pipe' });
    children.push(child);
    const { pid } = child;
    host.begin(pid!);
    child.once('exit', () => host.end(pid!));
    writeFileSync(file(of, 'pid'), String(pid));
    report(of, ipv4);
    return child;
  }
  const put = (...all: Container[]) =>
    store.commit([
      { op: 'put', kind: 'network', value: lan },
      ...all.map((value) => ({ op: 'put', kind: 'container', value }) as const),
    ]);
  const addressOf = ({ id }: Container) => store.get('container', id)?.value.endpoints[0]?.ipv4;

  it('are written into the rows', async () => {
    const web = container('web', lan);
    await put(web);
    await client(web, '192.0.2.10');
    await leases.start(() => undefined);
    expect(addressOf(web)).toBe('192.0.2.10');
  });

  it('of an address that another container holds are none, and the client asks anew', async () => {
    const [web, late] = [container('web', lan), container('late', lan)];
    await put(web, late);
    await client(web, '192.0.2.10');
    const child = await client(late, '192.0.2.11');
    let changes = 0;
    await leases.start(() => (changes += 1));
    expect([addressOf(web), addressOf(late)]).toEqual(['192.0.2.10', '192.0.2.11']);
    report(late, '192.0.2.10');
    await waitFor(() => changes > 0 && !existsSync(file(late, 'lease')), { ms: 5_000, what: 'the client has ended' });
    expect([addressOf(web), addressOf(late)]).toEqual(['192.0.2.10', undefined]);
    expect([leases.alive(web.id, lan.id), leases.alive(late.id, lan.id), child.signalCode]).toEqual([
      true,
      false,
      'SIGKILL',
    ]);
  });

  it('of an address that a container had before the machine was started anew are taken', async () => {
    const [web, late] = [container('web', lan, { ipv4: '192.0.2.10' }), container('late', lan)];
    await put(web, late);
    await client(late, '192.0.2.10');
    await leases.start(() => undefined);
    expect(addressOf(late)).toBe('192.0.2.10');
  });

  it.each([
    ['on the same wire', {}, false, undefined],
    ['in another VLAN', { vlan: 7 }, false, '192.0.2.10'],
    ['that has ended', {}, true, '192.0.2.10'],
  ])('of an address that was given by hand, to a container %s', async (_where, more, finished, got) => {
    const fixed = network('fixed', { uplink: 'eth1', pools: [{ subnet: '192.0.2.0/24', gateway: '' }], ...more });
    const [web, late] = [container('web', fixed, { ipv4: '192.0.2.10' }), container('late', lan)];
    await put(web, late);
    await store.commit([
      { op: 'put', kind: 'network', value: fixed },
      { op: 'put', kind: 'status', value: { ...freshStatus(web), finished } },
    ]);
    await client(late, '192.0.2.10');
    await leases.start(() => undefined);
    expect(addressOf(late)).toBe(got);
  });
});
