import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitFor } from '#lib/common';
import { createHost, enterNewNetns, inNetns, type Host, type IpLine } from '#lib/host';

/** Nothing of the tester's own, such as a proxy. */
const ENVIRONMENT = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' };

/** Says who asks. */
const WHO = '#!/bin/busybox sh\nprintf "Content-Type: text/plain\\r\\n\\r\\n"\necho "$REMOTE_ADDR"\n';
const UDP_ECHO = `
  const socket = require('node:dgram').createSocket('udp4');
  socket.on('message', (_, from) => socket.send(from.address, from.port, from.address));
  socket.bind(Number(process.argv[1]));`;
const UDP_ASK = `
  const socket = require('node:dgram').createSocket('udp4');
  const [address, port] = process.argv.slice(1);
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
  private readonly pages = mkdtempSync(join(tmpdir(), 'skep-lab-'));

  constructor() {
    this.leave = enterNewNetns();
    this.host = createHost();
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

  /** The frames that pass a link while `work` is done, a line each, with MACs (tcpdump -e). */
  async capture(netns: string | undefined, link: string, filter: string, work: () => void | Promise<void>) {
    const argv = ['tcpdump', '-i', link, '-e', '-n', '-l', '--immediate-mode', ...filter.split(' ')];
    const heard: string[] = [];
    let ready = false;
    const child = inNetns(netns, () =>
      spawn(argv[0]!, argv.slice(1), { stdio: ['ignore', 'pipe', 'pipe'], env: ENVIRONMENT }),
    );
    const ended = new Promise((resolve) => child.once('close', resolve));
    child.stderr.on('data', (chunk: Buffer) => (ready ||= chunk.includes('listening on')));
    child.stdout.on('data', (chunk: Buffer) => heard.push(String(chunk)));
    await waitFor(() => ready, { ms: 5000, what: 'tcpdump listens' });
    await work();
    // What is under way is printed within a moment; tcpdump gives what it has when it is asked to end.
    child.kill('SIGTERM');
    await ended;
    return heard.join('').split('\n').filter(Boolean);
  }

  async close(): Promise<void> {
    for (const child of this.children) child.kill('SIGKILL');
    for (const name of this.host.listNetns(this.prefix)) await this.host.removeNetns(name);
    this.host.close();
    this.leave();
    rmSync(this.pages, { recursive: true });
  }

  private start(netns: string | undefined, argv: readonly string[]): void {
    const [command = '', ...rest] = argv;
    this.children.push(inNetns(netns, () => spawn(command, rest, { stdio: 'ignore', env: ENVIRONMENT })));
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
