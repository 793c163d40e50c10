import { listed } from '#lib/common';
import type { TraceCheck } from '#lib/contracts';
import type { Endpoint, Network } from '#lib/domain';
import { isBehindNode, talksInside } from '#lib/drivers';
import { mostSpecific } from '../forwarding/routes.js';
import { isV6 } from './addresses.js';
import type { Destination } from './destination.js';
import { isOnNode, networksOf, ownerOf, repairOf, type TraceFacts } from './facts.js';
import { unshared } from './name-checks.js';

const ok = (about: TraceCheck['about'], says: string): TraceCheck => ({ about, state: 'ok', says });

/** What is at the address, and is it near? */
export function networkCheck(at: Destination, facts: TraceFacts): TraceCheck {
  const { from } = facts;
  switch (at.kind) {
    case 'itself':
      return ok('network', `${at.address} is ${from.name} itself`);
    case 'neighbour':
      return ok('network', `${from.name} and ${at.holder.name} are both on ${at.network.name} (${at.network.driver})`);
    case 'published':
    case 'relayed':
      return portCheck(at, facts);
    case 'remote':
      return ok(
        'network',
        `${from.name} and ${at.peer.names[0] ?? at.peer.id} are both on ${at.network.name} (${at.network.driver}), on different nodes`,
      );
    case 'node':
      return ok('network', `${at.address} is this node`);
    case 'outside':
      return ok('network', `${at.address} is nothing of this node: outside`);
    case 'stranger':
      // The node is on each of these itself.
      if (isBehindNode(at.network) && isOnNode(from, facts)) {
        return ok(
          'network',
          `${at.holder.name} is on ${at.network.name} (${at.network.driver}), and so is this node, whose network ${from.name} uses`,
        );
      }
      // Only nat networks are shut to others; who is on a physical segment is reached as that routes.
      if (isBehindNode(at.network) || at.network.internal) return unshared(at.holder, facts);
      return ok(
        'network',
        `${at.holder.name} is on ${at.network.name} (${at.network.driver}), by the physical network`,
      );
    case 'nowhere':
      return at.why;
  }
}

function portCheck(at: Extract<Destination, { kind: 'published' | 'relayed' }>, { port, protocol }: TraceFacts) {
  const name = at.kind === 'published' ? at.holder.name : (at.peer.names[0] ?? at.peer.id);
  const end = `port ${at.port} of ${name}`;
  if (!at.service) return ok('network', `port ${port}/${protocol} of this node leads to ${end}`);
  const where = at.kind === 'relayed' ? ' on another node' : '';
  const answer = `${at.service.count} ${at.service.count === 1 ? 'answers' : 'answer'}`;
  return ok(
    'network',
    `port ${port}/${protocol} of every node leads to service ${at.service.name}: ${answer}, ${end}${where} is followed`,
  );
}

/** The most specific route of the container's namespace towards the address. */
export function routeCheck({ address }: Destination, facts: TraceFacts): TraceCheck {
  const { from, routes } = facts;
  if (!routes) {
    return {
      about: 'route',
      state: 'no',
      says: `${from.name} has no network namespace at this moment`,
      advice: `docker restart ${from.name}`,
    };
  }
  const route = mostSpecific(address, routes);
  if (route) {
    const by = route.link === undefined ? '' : ` by ${route.link}`;
    return ok('route', route.gateway ? `${address} by way of ${route.gateway}${by}` : `${address} directly${by}`);
  }
  const says = `${from.name} has no route to ${address}`;
  const no = (why: string, advice: string): TraceCheck => ({
    about: 'route',
    state: 'no',
    says: `${says}: ${why}`,
    advice,
  });
  if (isOnNode(from, facts)) return no('this node has none', `mend this node's network: ip route get ${address}`);
  const networks = networksOf(from, facts);
  const outward = 'attach it to a network that is not: docker network connect NETWORK ' + from.name;
  if (networks.length === 0) return no('it is on no network', outward.replace(' that is not', ''));
  const names = listed(networks.map(({ name }) => name));
  const are = networks.length > 1 ? 'are' : 'is';
  if (networks.every(({ internal }) => internal))
    return no(`${names} ${are} internal, which leads nowhere else`, outward);
  if (isV6(address) && !ownerOf(from, facts).endpoints.some(({ ipv6 }) => ipv6 !== undefined)) {
    return no(`${names} ${are} without IPv6`, 'use an IPv4 address, or make the network with --ipv6');
  }
  const lost = networks.find((network) => !network.internal && gatewayOf(network, address, facts) !== undefined);
  if (lost) {
    const rejoin = `docker network disconnect ${lost.name} ${from.name}; docker network connect ${lost.name} ${from.name}`;
    return no(
      `its route by ${gatewayOf(lost, address, facts)}, the gateway of ${lost.name}, is gone`,
      repairOf(ownerOf(from, facts), facts) ?? `${rejoin}; or docker restart ${from.name}`,
    );
  }
  return no(
    `${names} ${are} without a gateway for it`,
    'make the network with --gateway, or use an address of its subnet',
  );
}

/** By what the network has asked for, or the segment's DHCP server has said. */
function gatewayOf({ id, pools }: Network, address: string, facts: TraceFacts): string | undefined {
  const lease = ownerOf(facts.from, facts).endpoints.find(({ networkId }) => networkId === id)?.lease;
  const pool = pools.find(({ subnet }) => isV6(subnet) === isV6(address));
  return pool?.gateway || (isV6(address) ? undefined : lease?.gateway);
}

/** What the node's firewall does with it, from the networks as they are desired. */
export function rulesCheck(at: Destination, facts: TraceFacts): TraceCheck {
  const { from } = facts;
  if (at.kind === 'neighbour' || at.kind === 'remote') {
    if (talksInside(at.network)) return ok('rules', `containers of ${at.network.name} may talk to each other`);
    return {
      about: 'rules',
      state: 'no',
      says: `${at.network.name} keeps its containers apart (com.docker.network.bridge.enable_icc is false)`,
      advice: 'put both on a network without that option',
    };
  }
  const leaving = leavingBy(at, facts)?.network;
  if (!leaving) return ok('rules', `${from.name} leaves by the node's own network`);
  if (leaving.internal && at.kind !== 'node') {
    return {
      about: 'rules',
      state: 'no',
      says: `${leaving.name} is internal: nothing leaves it`,
      advice: `attach ${from.name} to a network that is not: docker network connect NETWORK ${from.name}`,
    };
  }
  const how = isBehindNode(leaving) ? "behind the node's address" : 'on the physical network, with its own address';
  return ok('rules', `${from.name} leaves ${leaving.name} ${how}`);
}

/** The attachment by which the container sends towards the address. */
export function leavingBy(
  { address }: Destination,
  facts: TraceFacts,
): { endpoint: Endpoint; network: Network } | undefined {
  const route = mostSpecific(address, facts.routes ?? []);
  const endpoint = ownerOf(facts.from, facts).endpoints.find(({ ifName }) => ifName === route?.link);
  const network = facts.networks.find(({ id }) => id === endpoint?.networkId);
  return endpoint && network && { endpoint, network };
}
