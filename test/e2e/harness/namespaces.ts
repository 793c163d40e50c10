import { randomBytes } from 'node:crypto';
import { must, type Outcome, run } from './process.js';

/** A network namespace of the tests' own, with its loopback up. */
export class Namespace {
  private constructor(
    readonly name: string,
    /** IPv4 address on the segment; empty on the switch itself */
    readonly address: string,
  ) {}

  static async create(name: string, address: string): Promise<Namespace> {
    await must('ip', ['netns', 'add', name]);
    const created = new Namespace(name, address);
    await created.must('ip', ['link', 'set', 'lo', 'up']);
    return created;
  }

  get path(): string {
    return `/run/netns/${this.name}`;
  }

  run(command: string, args: readonly string[], options: Parameters<typeof run>[2] = {}): Promise<Outcome> {
    return run('nsenter', [`--net=${this.path}`, command, ...args], options);
  }

  must(command: string, args: readonly string[], options: Parameters<typeof run>[2] = {}): Promise<string> {
    return must('nsenter', [`--net=${this.path}`, command, ...args], options);
  }

  /** The body that an HTTP server answers, or undefined when it does not. */
  async get(url: string): Promise<string | undefined> {
    // Not wget's own -T: Debian's static busybox crashes on it.
    const { code, stdout } = await this.run('timeout', ['3', 'busybox', 'wget', '-q', '-O', '-', url]);
    return code === 0 ? stdout : undefined;
  }

  async remove(): Promise<void> {
    await run('ip', ['netns', 'delete', this.name]);
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

  static async create(): Promise<Segment> {
    const tag = `skep-t${randomBytes(3).toString('hex')}`;
    const subnet = `10.99.${(process.pid % 250) + 1}`;
    const outside = await Namespace.create(`${tag}-out`, `${subnet}.2`);
    const segment = new Segment(tag, subnet, outside);
    segment.machines.push(outside);
    await outside.must('ip', ['-batch', '-'], {
      input: ['link add switch type bridge', 'link set switch up', `addr add ${subnet}.2/24 dev switch`, ''].join('\n'),
    });
    return segment;
  }

  /** Another machine on the switch: interface `uplink`, the next free address. */
  async attach(): Promise<Namespace> {
    const index = this.machines.length;
    const address = `${this.subnet}.${index === 1 ? 1 : index + 1}`;
    const machine = await Namespace.create(`${this.tag}-n${index}`, address);
    this.machines.push(machine);
    const port = `port${index}`;
    await this.outside.must('ip', ['-batch', '-'], {
      input: [
        `link add ${port} type veth peer name uplink netns ${machine.name}`,
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

  async remove(): Promise<void> {
    for (const machine of this.machines.splice(0).reverse()) await machine.remove();
  }
}
