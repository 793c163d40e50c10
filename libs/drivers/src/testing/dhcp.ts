import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitFor } from '#lib/common';
import type { Leased } from '../dhcp/report.js';
import { Udhcpc } from '../dhcp/udhcpc.js';
import type { DhcpClients, EndpointOf } from '../driver.js';
import type { Lab } from './lab.js';

/** Clients without an agent: what they report is written into the endpoint at once, as the agent does by way of the store. */
export class LabClients implements DhcpClients {
  readonly directory = mkdtempSync(join(tmpdir(), 'skep-lab-dhcp-'));
  readonly processes: Udhcpc;
  /** that the node asks for names */
  servers: readonly string[] = [];
  private readonly known = new Map<string, EndpointOf>();

  constructor(
    private readonly lab: Lab,
    private readonly netnsOf: (at: EndpointOf) => string,
  ) {
    this.processes = new Udhcpc(this.directory, lab.host, (key) => this.note(key));
    this.processes.open();
  }

  async obtain(at: EndpointOf): Promise<Leased> {
    const key = keyOf(at);
    this.known.set(key, at);
    const { ifName: link, ipv4: previous } = at.endpoint;
    await this.processes.start({ key, netns: this.netnsOf(at), link, hostname: at.container.name, previous });
    const leased = await waitFor(() => this.processes.leased(key), { ms: 8000, what: 'a lease' });
    this.note(key);
    return leased;
  }

  alive(containerId: string, networkId: string): boolean {
    return this.processes.alive(`${containerId}-${networkId}`);
  }

  holds(at: EndpointOf): boolean {
    const key = keyOf(at);
    return this.processes.alive(key) && this.processes.leased(key)?.ipv4 === at.endpoint.ipv4;
  }

  nameServers(): readonly string[] {
    return this.servers;
  }

  async release(at: EndpointOf): Promise<void> {
    await this.processes.release(keyOf(at));
  }

  async drop(at: EndpointOf): Promise<void> {
    await this.processes.kill(keyOf(at));
  }

  async close(): Promise<void> {
    for (const key of this.processes.keys()) await this.processes.kill(key);
    this.processes.close();
    rmSync(this.directory, { recursive: true });
  }

  private note(key: string): void {
    const at = this.known.get(key);
    const leased = this.processes.leased(key);
    if (at) Object.assign(at.endpoint, leased ?? { ipv4: undefined, lease: undefined });
  }
}

export const keyOf = ({ container, network }: EndpointOf) => `${container.id}-${network.id}`;

/** busybox's DHCP server in a namespace, with a pool of its own. */
export class LabServer {
  private readonly directory = mkdtempSync(join(tmpdir(), 'skep-lab-dhcpd-'));
  private child: ChildProcess | undefined;

  constructor(
    private readonly lab: Lab,
    private readonly netns: string,
    private readonly link: string,
  ) {}

  /** Starts it, anew with another pool if it runs. `lease` in seconds. */
  async serve(
    first: string,
    last: string,
    options: { lease?: number; router?: string; dns?: string } = {},
  ): Promise<void> {
    await this.end();
    const { lease = 600, router = '192.0.2.2', dns = '192.0.2.2' } = options;
    const leases = join(this.directory, `leases-${first}`);
    const config = join(this.directory, 'udhcpd.conf');
    writeFileSync(leases, '');
    writeFileSync(
      config,
      [
        `start ${first}`,
        `end ${last}`,
        `interface ${this.link}`,
        `lease_file ${leases}`,
        `pidfile ${join(this.directory, 'pid')}`,
        'max_leases 100',
        'min_lease 2',
        'auto_time 0',
        'offer_time 5',
        'option subnet 255.255.255.0',
        `option router ${router}`,
        `option dns ${dns}`,
        'option domain lan.test',
        `option lease ${lease}`,
        '',
      ].join('\n'),
    );
    // -a 1: without it the server pings each address for two seconds before it offers it.
    this.child = this.lab.start(this.netns, ['busybox', 'udhcpd', '-f', '-a', '1', config]);
  }

  async end(): Promise<void> {
    const { child } = this;
    if (!child) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await gone;
    this.child = undefined;
  }

  async close(): Promise<void> {
    await this.end();
    rmSync(this.directory, { recursive: true });
  }
}
