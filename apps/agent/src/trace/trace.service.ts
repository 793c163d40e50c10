import { isIP } from 'node:net';
import { Inject, Injectable } from '@nestjs/common';
import { SkepError } from '#lib/common';
import type { ResolverClient, TraceView } from '#lib/contracts';
import type { Container } from '#lib/domain';
import { kernelView } from '#lib/drivers';
import type { Host } from '#lib/host';
import type { Store } from '#lib/store';
import { ContainerDirectory, type KnownContainer } from '../containers/container-directory.js';
import { NodeContext } from '../data-plane/node-context.js';
import { ServiceTraffic } from '../data-plane/service-traffic.js';
import { NetworkDirectory } from '../networks/network-directory.js';
import { HOST, NODE, RESOLVER, STORE, type Node } from '../node/tokens.js';
import { Problems } from '../reconciler/problems.js';
import { World } from '../world/world.js';
import { bearersOf, ownerOf, type NameAnswer, type TraceFacts } from './facts.js';
import { trace } from './trace.js';

export interface TraceQuestion extends Pick<TraceFacts, 'to' | 'port' | 'protocol'> {
  /** a container */
  from: string;
}

/** Gathers the facts that a trace is decided by. */
@Injectable()
export class TraceService {
  constructor(
    @Inject(NODE) private readonly node: Node,
    @Inject(HOST) private readonly host: Host,
    @Inject(RESOLVER) private readonly resolver: ResolverClient,
    private readonly containers: ContainerDirectory,
    private readonly networks: NetworkDirectory,
    @Inject(STORE) private readonly store: Store,
    private readonly context: NodeContext,
    private readonly world: World,
    private readonly traffic: ServiceTraffic,
    private readonly problems: Problems,
  ) {}

  async run(question: TraceQuestion): Promise<TraceView> {
    const { to, port, protocol } = question;
    const from = this.containers.find(question.from);
    const containers = this.containers.all().map((each) => this.containers.about(each));
    const owner = ownerOf(from, { containers });
    const answer = isIP(to) || owner.networkMode !== 'bridged' ? undefined : await this.ask(owner, to);
    return trace({
      from,
      to,
      ...(port !== undefined && { port }),
      protocol,
      containers,
      networks: this.networks.all(),
      answer: answer ?? selfNamed(from, to, containers),
      routes: this.read(owner, (netns) => this.host.routes(netns)),
      unanswered: this.read(owner, (netns) => this.host.unanswered(netns)) ?? [],
      nodeAddresses: this.host.links().flatMap(({ addresses }) => addresses.map((each) => each.split('/')[0]!)),
      listeners: this.listeners(protocol, containers),
      nodeListeners: this.host.listeners(protocol, process.pid),
      kernel: { ...kernelView(this.context), forwarding: (link) => this.host.forwarding(link) },
      ruleset: this.host.nftRuleset(),
      peers: this.store.list('assignment').flatMap((each) => (each.kind === 'peer' ? [each.value] : [])),
      services: this.traffic.backends(this.world),
      problemOf: (id) => this.problems.ofNetwork(id),
    });
  }

  private async ask({ id }: Container, name: string): Promise<NameAnswer | undefined> {
    let last: NameAnswer | undefined;
    for (const type of ['A', 'AAAA']) {
      const { rcode, rule, answers, omitted } = await this.resolver
        .explain({ sandboxId: id, name, type })
        .catch((error: unknown) => {
          // Of a container that does not run no resolver knows.
          if (SkepError.is(error, 'not_found')) return { rcode: '', rule: '', answers: [], omitted: [] };
          throw error;
        });
      const addresses = answers.filter((each) => isIP(each));
      if (addresses.length > 0) return { rcode, rule, addresses, omitted };
      if (rule !== '') last ??= { rcode, rule, addresses, omitted };
    }
    return last;
  }

  /** undefined: there is no namespace at this moment */
  private read<T>({ id, networkMode }: Container, of: (netns: string | undefined) => T): T | undefined {
    try {
      return of(networkMode === 'host' ? undefined : this.node.names.netns(id));
    } catch (error) {
      if (SkepError.is(error, 'not_found')) return undefined;
      throw error;
    }
  }

  private listeners(protocol: 'tcp' | 'udp', containers: readonly KnownContainer[]): TraceFacts['listeners'] {
    const found = new Map<string, ReturnType<Host['listeners']>>();
    for (const { container, seen } of containers) {
      const { id } = ownerOf(container, { containers });
      if (seen?.state === 'running' && seen.pid > 0 && !found.has(id))
        found.set(id, this.host.listeners(protocol, seen.pid));
    }
    return found;
  }
}

/** Who shares a namespace reaches the other by loopback, whatever its name. */
function selfNamed(from: Container, to: string, containers: readonly KnownContainer[]): NameAnswer | undefined {
  const [bearer] = bearersOf(to, { containers });
  if (!bearer || ownerOf(bearer.container, { containers }).id !== ownerOf(from, { containers }).id) return undefined;
  return { rcode: 'NOERROR', rule: 'the same network namespace', addresses: ['127.0.0.1'], omitted: [] };
}
