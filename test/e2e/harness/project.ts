import { join } from 'node:path';
import { notFound, SkepError, waitFor } from '#lib/common';
import type { ContainerView, NetworkView } from '#lib/contracts';
import { ROOT } from './image.js';
import type { TestNode } from './node.js';
import type { Outcome } from './process.js';

/** A Compose project on a node, driven through the CLI. */
export class TestProject {
  constructor(
    readonly node: TestNode,
    readonly name: string,
    private readonly files: readonly string[],
  ) {}

  /** One of docker-compose.samples. */
  static sample(node: TestNode, sample: string, file = 'compose.yaml', name = sample): TestProject {
    return new TestProject(node, name, [join(ROOT, 'docker-compose.samples', sample, file)]);
  }

  skep(...args: string[]): Promise<Outcome> {
    return this.node.skep([...this.flags, ...args]);
  }

  must(...args: string[]): Promise<string> {
    return this.node.must([...this.flags, ...args]);
  }

  async up(...args: string[]): Promise<void> {
    await this.must('up', '-d', ...args);
  }

  async down(...args: string[]): Promise<void> {
    await this.must('down', '-v', ...args);
  }

  /** Running ones, by service and number. */
  async containers(service?: string): Promise<ContainerView[]> {
    const all = await this.node.json<ContainerView[]>(`/skep/v1/projects/${this.name}/containers?all=1`);
    return all
      .filter((one) => one.state === 'running' && (service === undefined || one.service === service))
      .sort((a, b) => (a.service === b.service ? a.number - b.number : a.service < b.service ? -1 : 1));
  }

  async container(service: string, number = 1): Promise<ContainerView> {
    const found = (await this.containers(service)).find((one) => one.number === number);
    if (!found) throw notFound(`project ${this.name} has no running container ${service} ${number}`);
    return found;
  }

  /** IPv4 addresses of a service on a network, given by its name in the file, in the order of the numbers. */
  async addresses(service: string, network: string): Promise<string[]> {
    const name = `${this.name}_${network}`;
    const views = await this.containers(service);
    return views.map((view) => view.networks.find((one) => one.name === name)?.ipv4 ?? '');
  }

  network(name: string): Promise<NetworkView> {
    return this.node.json<NetworkView>(`/skep/v1/networks/${this.name}_${name}`);
  }

  /** Runs a command in a container; it may fail, but it must have been run. */
  async exec(service: string, ...command: string[]): Promise<Outcome> {
    const outcome = await this.skep('exec', '-T', service, ...command);
    if (outcome.stderr.startsWith('skep:')) throw new SkepError('internal', `exec in ${service}: ${outcome.stderr}`);
    return outcome;
  }

  /** Addresses that busybox's nslookup prints for a name, as a container asks; empty when there are none. */
  async lookup(service: string, name: string): Promise<string[]> {
    const { stdout } = await this.exec(service, 'nslookup', '-type=a', name);
    const answer = stdout.slice(Math.max(0, stdout.indexOf('Name:')));
    return stdout.includes('Name:')
      ? [...answer.matchAll(/^Address(?: \d+)?:\s*(\S+)/gm)].map((match) => match[1]!)
      : [];
  }

  /** What a container gets over HTTP, once it gets anything. */
  fetch(service: string, url: string): Promise<string> {
    return waitFor(
      async () => {
        const { code, stdout } = await this.exec(service, 'timeout', '3', 'wget', '-q', '-O', '-', url);
        return code === 0 && stdout;
      },
      { ms: 15_000, every: 100, what: `${service} gets ${url}` },
    );
  }

  /** Whether a container's ping is answered. */
  async pings(service: string, address: string): Promise<boolean> {
    return (await this.exec(service, 'ping', '-c', '1', '-W', '1', address)).code === 0;
  }

  private get flags(): string[] {
    return ['-p', this.name, ...this.files.flatMap((file) => ['-f', file])];
  }
}
