import type { TraceCheck } from '#lib/contracts';
import type { Endpoint, Network } from '#lib/domain';
import { isBehindNode } from '#lib/drivers';
import type { Packet } from '../forwarding/match.js';
import { mostSpecific } from '../forwarding/routes.js';
import { PacketFilter } from '../forwarding/verdict.js';
import { isV6 } from './addresses.js';
import type { Destination } from './destination.js';
import { ownerOf, type TraceFacts } from './facts.js';
import { isAtNode, isOnUplink } from './segment-check.js';

/** Where packets pass this node's own rules on their way, and as what. */
interface Passage {
  hook: 'forward' | 'input';
  families: readonly string[];
  packet: Packet;
}

/**
 * What the packet filter in the kernel does with the first packet, whoever wrote the rules. Nothing where the packet
 * passes neither a bridge nor the node's own stack, as on the physical segment.
 */
export function filterChecks(
  at: Destination,
  leaving: { endpoint: Endpoint; network: Network } | undefined,
  facts: TraceFacts,
): TraceCheck[] {
  const passage = leaving && passageOf(at, leaving, facts);
  if (!passage) return [];
  const filter = new PacketFilter(facts.ruleset);
  const { is, at: chain = '', handle } = filter.verdictOf(passage.hook, passage.families, passage.packet);
  if (is === 'passes') return [{ about: 'rules', state: 'ok', says: `no rule of this node's packet filter stops it` }];
  const own = chain.split(' ')[1] === facts.kernel.names.nftTable;
  const what = handle === undefined ? `the policy of chain ${chain}` : `a rule of chain ${chain} (handle ${handle})`;
  if (is === 'perhaps') {
    return [{ about: 'rules', state: 'unseen', says: `${what} may drop it: nft -a list chain ${chain}` }];
  }
  const { iif = '', oif } = passage.packet;
  const out = oif === undefined ? '' : ` oifname ${oif}`;
  const mend =
    handle === undefined
      ? `nft add rule ${chain} iifname ${iif}${out} accept`
      : `nft delete rule ${chain} handle ${handle}`;
  const advice = own
    ? 'skep keeps networks apart by it'
    : `nft -a list chain ${chain} shows it; where it is not meant: ${mend}`;
  return [{ about: 'rules', state: 'no', says: `${what} drops it${own ? '' : ', which is not of skep'}`, advice }];
}

function passageOf(
  at: Destination,
  { endpoint, network }: { endpoint: Endpoint; network: Network },
  facts: TraceFacts,
): Passage | undefined {
  const v6 = isV6(at.address);
  const from = endpoint[v6 ? 'ipv6' : 'ipv4'];
  if (from === undefined || at.kind === 'itself') return undefined;
  const { protocol, kernel } = facts;
  const common = { from, protocol, dnat: at.kind === 'published' || at.kind === 'relayed' };
  const families = ['inet', v6 ? 'ip6' : 'ip'];
  if (at.kind === 'neighbour') {
    const holder = ownerOf(at.holder, facts);
    const [iif = '', oif] = [ownerOf(facts.from, facts), holder].map(({ id }) => kernel.names.veth(id, network.id));
    // Macvlans have no bridge between them; with l2tunnel it is the switch that leads from one to the other.
    if (!kernel.links.has(iif) || network.driver === 'l2tunnel') return undefined;
    return { hook: 'forward', families: ['bridge'], packet: { ...common, iif, oif, to: at.address, port: at.port } };
  }
  const iif = arrivesBy(network, at, kernel);
  if (iif === undefined) return undefined;
  if (at.kind === 'node')
    return { hook: 'input', families, packet: { ...common, iif, to: at.address, port: facts.port } };
  if (at.kind === 'published' || at.kind === 'relayed') {
    const end =
      at.kind === 'relayed'
        ? at.peer
        : ownerOf(at.holder, facts).endpoints.find((each) => each.networkId === at.network.id);
    const to = end?.[v6 ? 'ipv6' : 'ipv4'] ?? at.address;
    return { hook: 'forward', families, packet: { ...common, iif, oif: at.network.linkName, to, port: at.port } };
  }
  if (at.kind === 'remote') return undefined;
  const oif = mostSpecific(at.address, kernel.routes())?.link;
  return { hook: 'forward', families, packet: { ...common, iif, oif, to: at.address, port: facts.port } };
}

/**
 * The link by which packets of the network's containers come into the node's own stack. From a physical segment only what
 * is for the node comes in, and from a VLAN nothing.
 */
function arrivesBy(network: Network, at: Destination, kernel: TraceFacts['kernel']): string | undefined {
  if (isBehindNode(network)) return network.linkName;
  const forNode = isAtNode(at);
  if (!forNode || network.vlan !== undefined || !isOnUplink(at.address, network, kernel)) return undefined;
  const uplink = kernel.links.get(network.uplink ?? '');
  return network.driver === 'transparent' && uplink?.kind !== 'bridge' ? network.linkName : uplink?.name;
}
