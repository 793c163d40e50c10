import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitFor } from '#lib/common';
import { createHost, enterNewNetns, inNetns, type Host, type IpLine } from '#lib/host';
import { capture, type Capture } from './capture.js';
import { hostIn } from './host-in.js';

/** Nothing of the tester's own, such as a proxy. */
const ENVIRONMENT = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' };

/** Says who asks. */
const WHO = '#!/bin/busybox sh\nprintf "Content-Type: text/plain\\r\\n\\r\\n"\necho "$REMOTE_ADDR"\n';
const UDP_ECHO = `
  const socket = require('node:dgram').createSocket('udp6');
  socket.on('message', (_, from) => socket.send(from.address.replace('::ffff:', ''), from.port, from.address));
  socket.bind(Number(process.argv[1]));`;
const UDP_ASK = `
  const [address, port] = process.argv.slice(1);
  const socket = require('node:dgram').createSocket(address.includes(':') ? 'udp6' : 'udp4');
  const ask = () => socket.send('?', Number(port), address, () => undefined);
  socket.on('message', (text) => { console.log(String(text)); process.exit(0); });
  socket.on('error', () => process.exit(1));
  setInterval(ask, 100); ask(); setTimeout(() => process.exit(1), 1000);`;

/**
 * A network of hosts in namespaces. The test's own thread is in the node's namespace, which has one link, up0, to a
 * segment with the other hosts. Undefined as a namespace means the node.
 */
export class Lab {
  readonly host: Host;
  private readonly leave: () => void;
  private readonly prefix = `skep-lab${process.pid}-`;
  private readonly children: ChildProcess[] = [];
  private readonly hosts: Host[] = [];
  private readonly pages = mkdtempSync(join(tmpdir(), 'skep-lab-'));

  constructor() {
    this.leave = enterNewNetns();
    this.host = createHost();
    // Addresses that are on trial for a second would look like a change of the node.
    this.host.sysctl('net/ipv6/conf/default/accept_dad', '0');
    mkdirSync(join(this.pages, 'cgi-bin'));
    writeFileSync(join(this.pages, 'cgi-bin', 'who'), WHO);
    chmodSync(join(this.pages, 'cgi-bin', 'who'), 0o755);
  }

  /** The node as 192.0.2.1 and 2001:db8::1, and the named hosts as .2, .3, … on one segment. */
  async segment(names: readonly string[]): Promise<void> {
    const wire = await this.namespace('wire');
    await this.host.ip(
      [
        ['link', 'add', 'name', 'lan', 'type', 'bridge'],
        ['link', 'set', 'lan', 'up'],
      ],
      wire,
    );
    await this.host.ip(pair('up0', 'node', wire));
    await this.host.ip([['link', 'set', 'node', 'master', 'lan', 'up']], wire);
    await this.host.ip(addressed('up0', 1));
    for (const [index, name] of names.entries()) {
      const netns = await this.namespace(name);
      await this.host.ip(pair('eth0', name, wire), netns);
      await this.host.ip([['link', 'set', name, 'master', 'lan', 'up']], wire);
      await this.host.ip(addressed('eth0', index + 2), netns);
    }
  }

  /** The kernel of a named host, as that host's own node would see it. */
  hostOf(name: string): Host {
    const host = hostIn(this.netns(name));
    this.hosts.push(host);
    return host;
  }

  async namespace(name: string): Promise<string> {
    await this.host.createNetns(this.netns(name));
    return this.netns(name);
  }

  netns(name: string): string {
    return this.prefix + name;
  }

  run(netns: string | undefined, argv: readonly string[], timeout = 10_000): { ok: boolean; out: string } {
    const [command = '', ...rest] = argv;
    const { status, stdout, stderr } = inNetns(netns, () =>
      spawnSync(command, rest, { encoding: 'utf8', timeout, env: ENVIRONMENT }),
    );
    return { ok: status === 0, out: `${stdout}${stderr}`.trim() };
  }

  /** The kernel tells a bridge some milliseconds after a port came up that frames may go. */
  async carriers(): Promise<void> {
    const dark = () => /,UP.* state (DOWN|LOWERLAYERDOWN)/.test(this.run(undefined, ['ip', '-o', 'link']).out);
    await waitFor(() => !dark(), { ms: 3000, what: 'links have a carrier' });
  }

  pings(netns: string | undefined, address: string): boolean {
    return this.run(netns, ['busybox', address.includes(':') ? 'ping6' : 'ping', '-c1', '-W1', address]).ok;
  }

  /** The address that the asked server sees, or `unreachable`. */
  asks(netns: string | undefined, server: string, port = 80): string {
    // Stopped from outside: wget's own -T crashes in Debian's static busybox.
    const url = `http://${server.includes(':') ? `[${server}]` : server}:${port}/cgi-bin/who`;
    const { ok, out } = this.run(netns, ['busybox', 'wget', '-q', '-O', '-', url], 1000);
    return ok ? out.replace(/^\[?(?:::ffff:)?(.*?)\]?$/, '$1') : 'unreachable';
  }

  asksUdp(netns: string | undefined, server: string, port: number): string {
    const { ok, out } = this.run(netns, [process.execPath, '-e', UDP_ASK, server, String(port)]);
    return ok ? out : 'unreachable';
  }

  /** Answers on TCP with who asks, until the lab closes. */
  async serve(netns: string | undefined, port = 80): Promise<void> {
    this.start(netns, ['busybox', 'httpd', '-f', '-p', String(port), '-h', this.pages]);
    await waitFor(() => this.asks(netns, '127.0.0.1', port) === '127.0.0.1', { ms: 5000, what: 'httpd answers' });
  }

  async serveUdp(netns: string | undefined, port: number): Promise<void> {
    this.start(netns, [process.execPath, '-e', UDP_ECHO, String(port)]);
    await waitFor(() => this.asksUdp(netns, '127.0.0.1', port) === '127.0.0.1', { ms: 5000, what: 'UDP answers' });
  }

  /** The frames that pass a link while `work` is done. */
  capture(netns: string | undefined, link: string, work: () => unknown): Promise<Capture> {
    const file = join(mkdtempSync(join(this.pages, 'capture-')), 'frames.pcap');
    return capture({ lab: this, netns, link, file }, work);
  }

  /** Asks 50 times a second whether the address answers; the returned function ends that and gives how often it did not. */
  watch(netns: string | undefined, address: string): () => Promise<number> {
    const child = inNetns(netns, () => spawn('ping', ['-i', '0.02', '-q', address], { env: ENVIRONMENT }));
    this.children.push(child);
    let said = '';
    child.stdout.on('data', (text) => (said += String(text)));
    return async () => {
      child.kill('SIGINT');
      await new Promise((ended) => child.once('close', ended));
      const [, sent, received] = /(\d+) packets transmitted, (\d+) received/.exec(said) ?? [];
      if (!Number(sent)) throw new Error(`ping says: ${said}`);
      // The last question may be under way.
      return Math.max(0, Number(sent) - Number(received) - 1);
    };
  }

  async close(): Promise<void> {
    for (const host of this.hosts) host.close();
    for (const child of this.children) child.kill('SIGKILL');
    for (const name of this.host.listNetns(this.prefix)) await this.host.removeNetns(name);
    this.host.close();
    this.leave();
    rmSync(this.pages, { recursive: true });
  }

  /** A process that ends with the lab at the latest. */
  start(netns: string | undefined, argv: readonly string[]): ChildProcess {
    const [command = '', ...rest] = argv;
    const child = inNetns(netns, () => spawn(command, rest, { stdio: 'ignore', env: ENVIRONMENT }));
    this.children.push(child);
    return child;
  }
}

function pair(name: string, other: string, netns: string): IpLine[] {
  return [['link', 'add', 'name', name, 'type', 'veth', 'peer', 'name', other, 'netns', netns]];
}

function addressed(link: string, number: number): IpLine[] {
  return [
    ['addr', 'add', `192.0.2.${number}/24`, 'dev', link],
    ['addr', 'add', `2001:db8::${number}/64`, 'dev', link, 'nodad'],
    ['link', 'set', link, 'up'],
  ];
}
