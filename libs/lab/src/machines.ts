import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { must, type Outcome, run, type RunOptions } from './process.js';

/** Host names of machines that have one of their own: a UTS namespace each, kept by a file as `ip netns` keeps its. */
const UTS_FOLDER = '/run/skep-lab-uts';

/** A network namespace of our own, with its loopback up. */
export class Namespace {
  private constructor(
    readonly name: string,
    /** IPv4 address on the segment; empty on the switch itself */
    readonly address: string,
  ) {}

  /** @param hostName what programs in it see as the machine's name; without it, that of the real machine */
  static async create(name: string, address: string, hostName?: string): Promise<Namespace> {
    await must('ip', ['netns', 'add', name]);
    const created = new Namespace(name, address);
    await created.must('ip', ['link', 'set', 'lo', 'up']);
    if (hostName !== undefined) await created.nameHost(hostName);
    return created;
  }

  /** One that is there, or may be. */
  static at(name: string, address: string): Namespace {
    return new Namespace(name, address);
  }

  get path(): string {
    return `/run/netns/${this.name}`;
  }

  get exists(): boolean {
    return existsSync(this.path);
  }

  /** Options of nsenter(1) that lead into it. */
  get entry(): string[] {
    return [`--net=${this.path}`, ...(existsSync(this.utsPath) ? [`--uts=${this.utsPath}`] : [])];
  }

  run(command: string, args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
    return run('nsenter', [...this.entry, command, ...args], options);
  }

  must(command: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
    return must('nsenter', [...this.entry, command, ...args], options);
  }

  /** The body that an HTTP server answers, or undefined when it does not. */
  async get(url: string): Promise<string | undefined> {
    // Not wget's own -T: Debian's static busybox crashes on it.
    const { code, stdout } = await this.run('timeout', ['3', 'busybox', 'wget', '-q', '-O', '-', url]);
    return code === 0 ? stdout : undefined;
  }

  async remove(): Promise<void> {
    await run('ip', ['netns', 'delete', this.name]);
    if (!existsSync(this.utsPath)) return;
    await run('umount', ['--lazy', this.utsPath]);
    await rm(this.utsPath, { force: true });
  }

  private async nameHost(hostName: string): Promise<void> {
    await mkdir(UTS_FOLDER, { recursive: true });
    await writeFile(this.utsPath, '');
    await must('unshare', [`--uts=${this.utsPath}`, 'hostname', hostName]);
  }

  private get utsPath(): string {
    return join(UTS_FOLDER, this.name);
  }
}

/**
 * A physical network made of namespaces: machines that hang on one switch. `outside` is the switch itself, a machine
 * that is none of the nodes, and everybody's default route.
 */
export class Segment {
  private readonly machines: Namespace[] = [];

  private constructor(
    private readonly tag: string,
    private readonly subnet: string,
    readonly outside: Namespace,
  ) {}

  /** A new one, under a name that nobody else has. */
  static async create(): Promise<Segment> {
    const segment = Segment.at(`skep-t${randomBytes(3).toString('hex')}`, `10.99.${(process.pid % 250) + 1}`);
    await segment.build();
    return segment;
  }

  /**
   * One that is there, or may be: `build` makes the switch, `attach` the machines.
   * @param tag how names of its namespaces begin
   * @param subnet the first three numbers of its /24
   */
  static at(tag: string, subnet: string): Segment {
    return new Segment(tag, subnet, Namespace.at(`${tag}-out`, `${subnet}.2`));
  }

  async build(): Promise<void> {
    const { outside, subnet } = this;
    await Namespace.create(outside.name, outside.address);
    await outside.must('ip', ['-batch', '-'], {
      input: ['link add switch type bridge', 'link set switch up', `addr add ${subnet}.2/24 dev switch`, ''].join('\n'),
    });
  }

  /** The machine with this number (from 1), which may not be there. */
  machine(number: number): Namespace {
    const { name, address } = this.plan(number);
    return Namespace.at(name, address);
  }

  /** Another machine on the switch: interface `uplink`, the next free address. */
  async attach(number = this.machines.length + 1, hostName?: string): Promise<Namespace> {
    const { name, address } = this.plan(number);
    const machine = await Namespace.create(name, address, hostName);
    this.machines.push(machine);
    const port = `port${number}`;
    await this.outside.must('ip', ['-batch', '-'], {
      input: [
        `link add ${port} type veth peer name uplink netns ${name}`,
        `link set ${port} master switch up`,
        '',
      ].join('\n'),
    });
    await machine.must('ip', ['-batch', '-'], {
      input: [
        `addr add ${address}/24 dev uplink`,
        'link set uplink up',
        `route add default via ${this.outside.address}`,
        '',
      ].join('\n'),
    });
    return machine;
  }

  /** The switch, and the machines that were attached here. */
  async remove(): Promise<void> {
    for (const machine of this.machines.splice(0).reverse()) await machine.remove();
    await this.outside.remove();
  }

  private plan(number: number): { name: string; address: string } {
    return { name: `${this.tag}-n${number}`, address: `${this.subnet}.${number === 1 ? 1 : number + 1}` };
  }
}
