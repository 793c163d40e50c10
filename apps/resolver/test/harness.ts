import { execFile, execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { unavailable, waitFor } from '#lib/common';
import {
  createResolverClient,
  type MemberInput,
  type ResolverClient,
  type SandboxInput,
  type ZoneInput,
} from '#lib/contracts';
import { resolverRules } from '#lib/drivers';
import { Compiled } from './compiled.js';

const run = promisify(execFile);

/** What a client in a namespace reports. */
export interface Asked {
  /** how often each address came first */
  firsts: Record<string, number>;
  rcodes: Record<string, number>;
  lost: number;
  milliseconds: number[];
}

interface Questions {
  name: string | string[];
  type?: string;
  count?: number;
  window?: number;
}

/** A node in a network namespace of its own, its resolver, and namespaces of containers beside it. */
export class Node {
  readonly #compiled = new Compiled();
  readonly #prefix = `skdns-${randomBytes(3).toString('hex')}`;
  readonly #namespaces = new Set<string>();
  readonly #children = new Set<ChildProcess>();
  readonly client: ResolverClient = createResolverClient(this.#path('resolver.sock'));
  resolver: ChildProcess | undefined;

  static async create(): Promise<Node> {
    const node = new Node();
    try {
      node.addNamespace('node');
      await node.start();
      return node;
    } catch (error) {
      await node.close();
      throw error;
    }
  }

  #path(name: string): string {
    return join(this.#compiled.directory, name);
  }

  netns(name: string): string {
    return `/run/netns/${this.#prefix}-${name}`;
  }

  addNamespace(name: string): string {
    execFileSync('ip', ['netns', 'add', `${this.#prefix}-${name}`]);
    this.#namespaces.add(name);
    this.ip(name, 'link', 'set', 'lo', 'up');
    // As the agent has it.
    execFileSync('nsenter', [`--net=${this.netns(name)}`, 'nft', resolverRules('skep_t', 'in place')]);
    return this.netns(name);
  }

  /** `ip` with these arguments, inside a namespace. */
  ip(namespace: string, ...argv: string[]): void {
    execFileSync('nsenter', [`--net=${this.netns(namespace)}`, 'ip', ...argv]);
  }

  removeNamespace(name: string): void {
    execFileSync('ip', ['netns', 'del', `${this.#prefix}-${name}`]);
    this.#namespaces.delete(name);
  }

  /** A process in a namespace, ended with the node. */
  spawn(namespace: string, argv: string[]): ChildProcess {
    const child = spawn('nsenter', [`--net=${this.netns(namespace)}`, ...argv], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#children.add(child);
    child.once('exit', () => this.#children.delete(child));
    return child;
  }

  /** Starts the resolver; `ready`: until it answers the agent. */
  async start(ready = true): Promise<void> {
    const flags = [
      '--socket',
      this.#path('resolver.sock'),
      '--state',
      this.#path('state.json'),
      '--log-level',
      'error',
    ];
    this.resolver = this.spawn('node', [process.execPath, this.#compiled.main, ...flags]);
    if (ready) await this.ready();
  }

  async ready(): Promise<void> {
    await waitFor(() => this.client.getState().catch(() => false), { ms: 20_000, what: 'the resolver answers' });
  }

  /** Ends the resolver and waits for its end; its exit code, or the signal. */
  async stop(signal: NodeJS.Signals): Promise<number | string | null> {
    const { resolver } = this;
    if (!resolver) return null;
    const ended = new Promise<number | string | null>((resolve) =>
      resolver.once('exit', (code, by) => resolve(code ?? by)),
    );
    resolver.kill(signal);
    return ended;
  }

  /** Numbers of the resolver's open descriptors. */
  descriptors(): number {
    return readdirSync(`/proc/${this.resolver!.pid}/fd`).length;
  }

  get stateFile(): string {
    return this.#path('state.json');
  }

  state(): string {
    return readFileSync(this.stateFile, 'utf8');
  }

  /** Runs client.mjs inside a namespace. */
  async #job<T>(namespace: string, job: object): Promise<T> {
    const script = join(import.meta.dirname, 'client.mjs');
    const argv = [`--net=${this.netns(namespace)}`, process.execPath, script, JSON.stringify(job)];
    const { stdout } = await run('nsenter', argv, { maxBuffer: 64 * 1024 * 1024 });
    return JSON.parse(stdout) as T;
  }

  udp(namespace: string, { name, type = 'A', count = 1, window = 1 }: Questions): Promise<Asked> {
    return this.#job(namespace, { kind: 'udp', names: [name].flat(), type, count, window, timeoutMs: 6_000 });
  }

  tcp(namespace: string, { name, type = 'A', count = 1 }: Questions): Promise<Asked> {
    return this.#job(namespace, { kind: 'tcp', names: [name].flat(), type, count });
  }

  /** @param name of a good question that is asked behind each packet */
  raw(namespace: string, packets: string[], name: string): Promise<string[]> {
    return this.#job(namespace, { kind: 'raw', packets, name, timeoutMs: 10_000 });
  }

  flood(namespace: string, suffix: string, durationMs: number): Promise<{ sent: number }> {
    return this.#job(namespace, { kind: 'flood', suffix, durationMs });
  }

  /** A name server (`upstream.mjs`); resolves once it listens, with what ends it. */
  async nameServer(namespace: string, address: string, port: number, behaviour: string) {
    const script = join(import.meta.dirname, 'upstream.mjs');
    const server = this.spawn(namespace, [process.execPath, script, address, `${port}`, behaviour]);
    const ended = once(server, 'exit');
    const [said] = await Promise.race([once(server.stdout!, 'data'), ended]);
    if (String(said) !== 'ready\n') throw unavailable(`no name server at ${address}: it ended with ${String(said)}`);
    return {
      end: async () => {
        server.kill('SIGKILL');
        await ended;
      },
    };
  }

  /** When the question was answered first, in milliseconds since the epoch. */
  waitForAnswer(namespace: string, name: string): Promise<{ at: number }> {
    return this.#job(namespace, { kind: 'waitForAnswer', name, timeoutMs: 20_000 });
  }

  connections(namespace: string, count: number, durationMs: number): Promise<{ closed: number }> {
    return this.#job(namespace, { kind: 'connections', count, durationMs });
  }

  /** What dig prints, one answer a line; the resolver is asked where no other server is named. */
  async dig(namespace: string, ...argv: string[]): Promise<string[]> {
    const server = argv.some((each) => each.startsWith('@')) ? [] : ['@127.0.0.11'];
    const flags = ['+short', '+time=2', '+tries=1', ...server, ...argv];
    const { stdout } = await run('nsenter', [`--net=${this.netns(namespace)}`, 'dig', ...flags]);
    return stdout.split('\n').filter((line) => line !== '');
  }

  async close(): Promise<void> {
    this.client.close();
    for (const child of this.#children) child.kill('SIGKILL');
    await waitFor(() => this.#children.size === 0, { ms: 5_000, what: 'all processes end' });
    for (const name of this.#namespaces) this.removeNamespace(name);
    this.#compiled.remove();
  }
}

export const replicas = (service: string, addresses: string[], more: MemberInput = {}): MemberInput[] =>
  addresses.map((address, i) => ({
    containerId: `${service}${i}`.padEnd(64, '0'),
    containerName: `${service}-${i + 1}`,
    service,
    names: [`${service}-${i + 1}`],
    sharedNames: [service],
    addresses: [address],
    ports: [{ protocol: 'tcp', port: 80 }],
    ...more,
  }));

export const zone = (networkName: string, members: MemberInput[], more: ZoneInput = {}): ZoneInput => ({
  networkId: `id-${networkName}`,
  networkName,
  ttl: 5,
  members,
  ...more,
});

export const sandbox = (id: string, netnsPath: string, networks: string[], more: SandboxInput = {}): SandboxInput => ({
  id,
  name: id,
  netnsPath,
  attachments: networks.map((name) => ({ networkId: `id-${name}` })),
  ndots: 1,
  ...more,
});
