import { listed } from '#lib/common';
import type { Network } from '#lib/domain';
import { isBehindNode } from '#lib/drivers';
import { dropsByDefault, droppingForward } from '#lib/host';
import type { Packet } from '../forwarding/match.js';
import { mostSpecific } from '../forwarding/routes.js';
import { PacketFilter } from '../forwarding/verdict.js';
import type { Surroundings } from './surroundings.js';

/** Somewhere else: documentation prefixes (RFC 5737, RFC 3849). */
const OUTSIDE = { v4: '198.51.100.1', v6: '2001:db8:ffff::1' };

/** As much of a network as its way outside depends on. */
export type Behind = Pick<Network, 'name' | 'driver' | 'internal' | 'target' | 'linkName' | 'pools'>;

type Around = Pick<Surroundings, 'routes' | 'dropping'>;

/** What may drop packets here, looked at once for all networks. */
interface Barriers {
  routes: Around['routes'];
  /** chains that drop what is forwarded by their policy */
  policies: readonly string[];
  filter: PacketFilter;
}

/**
 * The warning about networks behind the node whose packets a chain of another program drops by its policy: on their way
 * outside, or to a published port. A rule there that lets them pass ends it. undefined: nothing stands in the way. Pure.
 */
export function shutOff(networks: readonly Behind[], around: Around): string | undefined {
  const behind = networks.filter(
    (network) => isBehindNode(network) && !network.internal && network.target === 'present',
  );
  const ruleset = behind.length > 0 ? (around.dropping?.() ?? []) : [];
  const policies = droppingForward(ruleset);
  if (policies.length === 0) return undefined;
  const barriers = { routes: around.routes, policies, filter: new PacketFilter(ruleset) };
  const found = behind
    .map((network) => ({ name: network.name, by: barriersOf(network, barriers) }))
    .filter(({ by }) => by.length > 0);
  if (found.length === 0) return undefined;
  const which = `${found.length === 1 ? 'network' : 'networks'} ${listed(found.map(({ name }) => name))}`;
  const by = [...new Set(found.flatMap((each) => each.by))];
  return `${which}: containers may have no outside, and published ports may answer nobody: ${dropsByDefault(by)}`;
}

function barriersOf({ linkName, pools }: Behind, { routes, policies, filter }: Barriers): string[] {
  return pools.flatMap(({ subnet, gateway }) => {
    const v6 = subnet.includes(':');
    const elsewhere = v6 ? OUTSIDE.v6 : OUTSIDE.v4;
    const uplink = mostSpecific(elsewhere, routes)?.link;
    // Without a way outside nothing is to be let through.
    if (uplink === undefined) return [];
    const common = { protocol: 'tcp', port: 443 } as const;
    const packets = [
      { ...common, iif: linkName, oif: uplink, from: gateway, to: elsewhere, dnat: false },
      { ...common, iif: uplink, oif: linkName, from: elsewhere, to: gateway, dnat: true },
    ];
    return packets.flatMap((packet) => {
      const chain = droppedBy(filter, ['inet', v6 ? 'ip6' : 'ip'], packet);
      return chain !== undefined && policies.includes(chain) ? [chain] : [];
    });
  });
}

/** The chain whose policy ends it. Rules of others may say what nobody here reads: no network is the worse for that. */
function droppedBy(filter: PacketFilter, families: readonly string[], packet: Packet): string | undefined {
  try {
    const { at, handle } = filter.verdictOf('forward', families, packet);
    return handle === undefined ? at : undefined;
  } catch {
    return undefined;
  }
}
