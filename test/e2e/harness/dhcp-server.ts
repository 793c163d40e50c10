import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Namespace } from './namespaces.js';

/** busybox's DHCP server on a machine of the tests. */
export class DhcpServer {
  private child: ChildProcess | undefined;
  private folder = '';

  constructor(
    private readonly machine: Namespace,
    private readonly link: string,
  ) {}

  /**
   * Serves addresses `first` to `last` of the machine's own /24, anew and with no memory if it ran before.
   * @param dns the servers that it names; the machine itself is the router
   */
  async serve(first: number, last: number, dns: readonly string[] = [this.machine.address]): Promise<void> {
    await this.end();
    this.folder = await mkdtemp(join(tmpdir(), 'skep-e2e-dhcpd-'));
    const [leases, config, pid] = ['leases', 'conf', 'pid'].map((name) => join(this.folder, name)) as [
      string,
      string,
      string,
    ];
    const { address } = this.machine;
    const prefix = address.slice(0, address.lastIndexOf('.'));
    await writeFile(leases, '');
    await writeFile(
      config,
      [
        `start ${prefix}.${first}`,
        `end ${prefix}.${last}`,
        `interface ${this.link}`,
        `lease_file ${leases}`,
        `pidfile ${pid}`,
        'offer_time 5',
        'option subnet 255.255.255.0',
        `option router ${address}`,
        `option dns ${dns.join(' ')}`,
        'option domain lan.test',
        'option lease 600',
        '',
      ].join('\n'),
    );
    // -a 1: else each address is pinged for two seconds before it is offered.
    const argv = [`--net=${this.machine.path}`, 'busybox', 'udhcpd', '-f', '-a', '1', config];
    this.child = spawn('nsenter', argv, { stdio: 'ignore' });
  }

  async end(): Promise<void> {
    const { child } = this;
    if (!child) return;
    this.child = undefined;
    const gone = once(child, 'exit');
    child.kill('SIGTERM');
    await gone;
    await rm(this.folder, { recursive: true });
  }
}
