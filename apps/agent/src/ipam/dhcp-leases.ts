import { join } from 'node:path';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { messageOf, ResolvConf, SkepError, stableStringify, waitFor } from '#lib/common';
import { usesDhcp, type Container } from '#lib/domain';
import { Udhcpc, type DhcpClients, type EndpointOf, type Leased } from '#lib/drivers';
import type { Host } from '#lib/host';
import type { Store } from '#lib/store';
import { RESOLV_CONF } from '../node/resolver-defaults.js';
import { HOST, NODE, STORE, type Node } from '../node/tokens.js';
import { refusedLease } from './refused-lease.js';

/** Three questions, two seconds each; after that the client rests for five. Milliseconds. */
const ANSWER_WITHIN = 6_000;
/** A client that lost its lease asks for another one at once; only then is the container without an address. Milliseconds. */
const LOST_AFTER = 3_000;

/**
 * What DHCP servers say flows into the containers' rows, and from there everywhere: into the namespace, to names, to
 * people. The clients write reports; whatever is read of them passes through `take`.
 */
@Injectable()
export class DhcpLeases implements DhcpClients {
  private readonly log = new Logger('dhcp');
  private readonly clients: Udhcpc;
  private readonly resolvConf = RESOLV_CONF.map((path) => new ResolvConf(path));
  private readonly timers = new Map<string, NodeJS.Timeout>();
  private changed: () => void = () => undefined;

  constructor(
    @Inject(NODE) private readonly node: Node,
    @Inject(STORE) private readonly store: Store,
    @Inject(HOST) host: Host,
  ) {
    this.clients = new Udhcpc(join(node.config.execRoot, 'dhcp'), host, (key) => this.heard(key));
  }

  /** @param changed called when a client has ended */
  async start(changed: () => void): Promise<void> {
    this.changed = changed;
    this.clients.open();
    for (const key of this.clients.keys()) {
      if (!this.store.get('container', partsOf(key).containerId)) await this.clients.release(key);
      else await this.take(key, this.clients.leased(key)).catch((error: unknown) => this.log.warn(messageOf(error)));
    }
  }

  /** Clients go on. */
  stop(): void {
    for (const timer of this.timers.values()) clearTimeout(timer);
    this.clients.close();
  }

  async obtain(at: EndpointOf, uplink: string): Promise<Leased> {
    const key = keyOf(at);
    const previous = at.endpoint.ipv4;
    await this.clients.start({
      key,
      netns: this.node.names.netns(at.container.id),
      link: at.endpoint.ifName,
      hostname: hostnameOf(at.container),
      previous,
    });
    try {
      const leased = await waitFor(() => this.clients.leased(key), { ms: ANSWER_WITHIN, every: 50, what: 'a lease' });
      await this.take(key, leased);
      return leased;
    } catch (error) {
      if (SkepError.is(error, 'timeout')) throw unanswered(at, uplink);
      throw error;
    }
  }

  alive(containerId: string, networkId: string): boolean {
    return this.clients.alive(`${containerId}-${networkId}`);
  }

  holds(at: EndpointOf): boolean {
    const held = this.heldBy(keyOf(at));
    return held !== undefined && held === at.endpoint.ipv4;
  }

  nameServers(): readonly string[] {
    return this.resolvConf.flatMap((each) => each.servers());
  }

  async release(at: EndpointOf): Promise<void> {
    await this.clients.release(keyOf(at));
    await this.note(keyOf(at), undefined);
  }

  async drop(at: EndpointOf): Promise<void> {
    await this.clients.kill(keyOf(at));
  }

  private heard(key: string): void {
    if (!this.clients.alive(key)) return this.changed();
    clearTimeout(this.timers.get(key));
    const leased = this.clients.leased(key);
    const tell = () => {
      this.timers.delete(key);
      // Ended meanwhile: whoever ended it says what follows.
      if (!this.clients.alive(key)) return;
      this.take(key, this.clients.leased(key)).catch((error: unknown) => this.log.warn(messageOf(error)));
    };
    if (leased) tell();
    else this.timers.set(key, setTimeout(tell, LOST_AFTER));
  }

  /** A client whose lease is refused ends, so that the next one asks anew. */
  private async take(key: string, leased: Leased | undefined): Promise<void> {
    const refused = await this.note(key, leased);
    if (!refused) return;
    await this.clients.kill(key);
    throw refused;
  }

  /**
   * Writes down what the endpoint has now; nothing is written where the row says so already. A lease that is refused is
   * none.
   */
  private async note(key: string, leased: Leased | undefined): Promise<SkepError | undefined> {
    const { containerId, networkId } = partsOf(key);
    return this.store.transact((view) => {
      const container = view.get('container', containerId)?.value;
      const network = view.get('network', networkId)?.value;
      const known = container?.endpoints.find((each) => each.networkId === networkId);
      if (!container || !known || !network || !usesDhcp(network)) return { changes: [], result: undefined };
      const { ipv4: _ipv4, lease: _lease, ...rest } = known;
      const held = (...ids: [string, string]) => this.heldBy(ids.join('-'));
      const refused = leased && refusedLease(container, network, leased, { view, held });
      const endpoint = { ...rest, ...(!refused && leased) };
      if (stableStringify(endpoint) === stableStringify(known)) return { changes: [], result: refused };
      const endpoints = container.endpoints.map((each) => (each === known ? endpoint : each));
      return { changes: [{ op: 'put', kind: 'container', value: { ...container, endpoints } }], result: refused };
    });
  }

  private heldBy(key: string): string | undefined {
    return this.clients.alive(key) ? this.clients.leased(key)?.ipv4 : undefined;
  }
}

const keyOf = ({ container, network }: EndpointOf) => `${container.id}-${network.id}`;

function partsOf(key: string): { containerId: string; networkId: string } {
  const [containerId = '', networkId = ''] = key.split('-');
  return { containerId, networkId };
}

/** RFC 1123: what a server would put into its tables; undefined where the container's name is no host name. */
function hostnameOf({ name, spec }: Container): string | undefined {
  return [spec.Hostname, name].find((each) => each !== undefined && /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i.test(each));
}

function unanswered({ container, network }: EndpointOf, uplink: string): SkepError {
  const vlan = network.vlan === undefined ? '' : `that the port is a trunk with VLAN ${network.vlan}; `;
  return new SkepError(
    'exhausted',
    `container ${container.name} got no address on network ${network.name}: no DHCP server answered on ${uplink} within ${ANSWER_WITHIN / 1000} s. ` +
      `Check that a server serves this segment and can be reached; ${vlan}on a virtual machine, that its host lets frames with other MACs pass ` +
      '(MAC address spoofing, promiscuous mode), and Wi-Fi lets none pass; or use l2bridge, whose frames have the MAC of the node; ' +
      'or give the network a subnet, then no server is needed',
  );
}
