import ipaddr from 'ipaddr.js';
import type { TraceCheck } from '#lib/contracts';
import type { Listener } from '#lib/host';
import { isV6 } from './addresses.js';
import type { Destination } from './destination.js';
import { isOnNode, ownerOf, type TraceFacts } from './facts.js';

type Reached = Exclude<Destination, { kind: 'nowhere' }>;

/** Does anything take connections there? */
export function listenerCheck(at: Reached, port: number, facts: TraceFacts): TraceCheck {
  if (at.kind === 'remote' || at.kind === 'relayed') {
    const { names, id } = at.peer;
    return {
      about: 'listener',
      state: 'unseen',
      says: `what listens in ${names[0] ?? id} is seen on its own node only`,
    };
  }
  if (at.kind === 'outside') {
    return { about: 'listener', state: 'unseen', says: `what listens at ${at.address} is not seen from this node` };
  }
  return at.kind === 'node' ? nodeCheck(at.address, port, facts) : insideCheck(at, at.port ?? port, facts);
}

function nodeCheck(address: string, port: number, facts: TraceFacts): TraceCheck {
  const { protocol, nodeListeners } = facts;
  const here = nodeListeners.filter((each) => each.port === port);
  const taken = takenCheck(
    'a process of this node',
    `${port}/${protocol}`,
    here,
    address,
    !isOnNode(facts.from, facts),
  );
  if (taken) return taken;
  return {
    about: 'listener',
    state: 'no',
    says: `no container publishes port ${port}/${protocol} at ${address} and no process of this node listens there`,
    advice: publishedPorts(facts),
  };
}

function insideCheck(
  at: Exclude<Reached, { kind: 'node' | 'outside' | 'remote' | 'relayed' }>,
  port: number,
  facts: TraceFacts,
): TraceCheck {
  const { name } = at.holder;
  const { protocol } = facts;
  const all = facts.listeners.get(ownerOf(at.holder, facts).id);
  if (!all) return { about: 'listener', state: 'unseen', says: `what listens in ${name} could not be read` };
  const here = all.filter((each) => each.port === port);
  const inner = at.kind === 'published' ? undefined : at.address;
  const taken = takenCheck(name, `${port}/${protocol}`, here, inner, at.kind !== 'itself');
  if (taken) return taken;
  return {
    about: 'listener',
    state: 'no',
    says: `nothing in ${name} listens at ${port}/${protocol}`,
    advice: `${listening(all, protocol)}; use such a port, or have the program listen at ${port}`,
  };
}

/** By the sockets at the port; undefined: there are none. */
function takenCheck(
  who: string,
  port: string,
  [first, ...others]: readonly Listener[],
  address: string | undefined,
  remote: boolean,
): TraceCheck | undefined {
  if (!first) return undefined;
  if ([first, ...others].some((each) => takes(each.address, address, remote))) {
    return { about: 'listener', state: 'ok', says: `${who} listens at ${port}` };
  }
  const every = address !== undefined && isV6(address) ? '::' : '0.0.0.0';
  return {
    about: 'listener',
    state: 'no',
    says: `${who} listens at ${first.address} port ${port} only`,
    advice: `have it listen at ${every} (every address) instead of ${first.address}`,
  };
}

/** @param address undefined: any of the container's own */
function takes(listener: string, address: string | undefined, remote: boolean): boolean {
  const at = ipaddr.process(listener);
  if (at.range() === 'unspecified') return at.kind() === 'ipv6' || address === undefined || !address.includes(':');
  if (at.range() === 'loopback')
    return !remote && address !== undefined && at.toString() === ipaddr.process(address).toString();
  return address === undefined || at.toString() === ipaddr.process(address).toString();
}

function listening(all: readonly Listener[], protocol: string): string {
  // Loopback is not for others: the resolver's own socket there as well.
  const ports = all.filter(({ address }) => ipaddr.process(address).range() !== 'loopback').map(({ port }) => port);
  const unique = [...new Set(ports)].sort((a, b) => a - b);
  return unique.length > 0
    ? `it listens at ${unique.map((port) => `${port}/${protocol}`).join(', ')}`
    : 'it listens at none';
}

function publishedPorts({ containers }: TraceFacts): string {
  const ports = containers.flatMap(({ container }) =>
    container.ports.map(
      ({ hostIp, hostPort, protocol }) =>
        `${isV6(hostIp) ? `[${hostIp}]` : hostIp}${hostIp && ':'}${hostPort}/${protocol} (${container.name})`,
    ),
  );
  return ports.length > 0 ? `published are ${ports.join(', ')}` : 'publish one: -p, or ports in the Compose file';
}
