import { expect } from 'vitest';
import { waitFor } from '#lib/common';
import { DEMO_IMAGE } from './image.js';
import type { Namespace } from './namespaces.js';
import type { World } from './world.js';

export interface NetworkInspect {
  Id: string;
  Driver: string;
  Internal: boolean;
  IPAM: { Config: { Subnet: string; Gateway?: string }[] };
  Containers: Record<string, { Name: string; IPv4Address: string }>;
  Options: Record<string, string>;
}

/** What tests say again and again of a node that they drive by the docker CLI. */
export class DockerLab {
  constructor(private readonly world: World) {}

  /** Standard output of a command that must succeed, without white space around it. */
  async docker(...args: string[]): Promise<string> {
    return (await this.world.node.mustDocker(args)).trim();
  }

  /** Standard error of a command that must fail. */
  async refusal(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.world.node.docker(args);
    expect(code, `docker ${args.join(' ')}: ${stdout}`).not.toBe(0);
    return stderr.trim();
  }

  /** A web server of the demo image; gives its id. */
  serve(name: string, ...options: string[]): Promise<string> {
    return this.docker('run', '-d', '--name', name, ...options, DEMO_IMAGE, 'serve');
  }

  /** What a command prints in a container of its own. */
  prints(command: string, ...options: string[]): Promise<string> {
    return this.docker('run', '--rm', ...options, DEMO_IMAGE, 'sh', '-c', command);
  }

  async network(name: string): Promise<NetworkInspect> {
    return (JSON.parse(await this.docker('network', 'inspect', name)) as NetworkInspect[])[0]!;
  }

  async subnets(name: string): Promise<string[]> {
    return (await this.network(name)).IPAM.Config.map(({ Subnet }) => Subnet);
  }

  networks(): Promise<string> {
    return this.docker('network', 'ls', '--format', '{{.Name}} {{.Driver}} {{.Scope}}');
  }

  addressOf(container: string): Promise<string> {
    return this.docker('inspect', '-f', '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}', container);
  }

  /** Fails unless the container answers at the URL, as a machine outside asks. */
  async answersOutside(url: string, containerId: string): Promise<void> {
    await answered(this.world.outside, url, `host: ${containerId.slice(0, 12)}`);
  }

  /** Fails unless the container answers at its own address, as the node itself asks. */
  async answersNode(address: string): Promise<void> {
    await answered(this.world.node.machine, `http://${address}/`, `eth0: ${address}`);
  }

  /** Fails unless the container answers at its own address on the node's segment, as a machine outside asks. */
  async answersSegment(address: string): Promise<void> {
    await answered(this.world.outside, `http://${address}/`, `eth0: ${address}`);
  }

  async pings(container: string, address: string): Promise<boolean> {
    return (await this.world.node.docker(['exec', container, 'ping', '-c', '1', '-W', '2', address])).code === 0;
  }

  /** The node's links, as the kernel tells of them. */
  async links(): Promise<{ ifname: string; addr_info: { local: string; prefixlen: number }[] }[]> {
    return JSON.parse(await this.world.node.machine.must('ip', ['-j', 'addr']));
  }

  /** The node's packet filter, as text of JSON. */
  rules(): Promise<string> {
    return this.world.node.machine.must('nft', ['-j', 'list', 'ruleset']);
  }
}

/** One that has just started may not listen yet. */
async function answered(by: Namespace, url: string, words: string): Promise<void> {
  const asked = async () => (await by.get(url))?.includes(words);
  await waitFor(asked, { ms: 15_000, every: 100, what: `${url} is answered with ${words}` });
}
