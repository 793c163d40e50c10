import ipaddr from 'ipaddr.js';
import type { TraceCheck } from '#lib/contracts';
import type { Listener } from '#lib/host';
import type { Destination } from './destination.js';
import { ownerOf, type TraceFacts } from './facts.js';

/** Does anything take connections there? */
export function listenerCheck(at: Destination, port: number, facts: TraceFacts): TraceCheck {
  const { protocol, nodeListens } = facts;
  if (at.kind === 'remote') {
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
  if (at.kind === 'node') {
    if (nodeListens)
      return { about: 'listener', state: 'ok', says: `a process of this node listens at ${port}/${protocol}` };
    return {
      about: 'listener',
      state: 'no',
      says: `no container publishes port ${port}/${protocol} and no process of this node listens there`,
      advice: publishedPorts(facts),
    };
  }
  return insideCheck(at, at.port ?? port, facts);
}

function insideCheck(
  at: Exclude<Destination, { kind: 'node' | 'outside' | 'remote' }>,
  port: number,
  facts: TraceFacts,
): TraceCheck {
  const { name } = at.holder;
  const { protocol } = facts;
  const all = facts.listeners.get(ownerOf(at.holder, facts).id);
  if (!all) return { about: 'listener', state: 'unseen', says: `what listens in ${name} could not be read` };
  const here = all.filter((each) => each.port === port);
  const remote = at.kind !== 'itself';
  const inner = at.kind === 'published' ? undefined : at.address;
  if (here.some(({ address }) => takes(address, inner, remote))) {
    return { about: 'listener', state: 'ok', says: `${name} listens at ${port}/${protocol}` };
  }
  if (here[0]) {
    return {
      about: 'listener',
      state: 'no',
      says: `${name} listens at ${here[0].address} port ${port}/${protocol} only`,
      advice: `have it listen at 0.0.0.0 (every address) instead of ${here[0].address}`,
    };
  }
  return {
    about: 'listener',
    state: 'no',
    says: `nothing in ${name} listens at ${port}/${protocol}`,
    advice: `${listening(all, protocol)}; use such a port, or have the program listen at ${port}`,
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
    container.ports.map(({ hostPort, protocol }) => `${hostPort}/${protocol} (${container.name})`),
  );
  return ports.length > 0 ? `published are ${ports.join(', ')}` : 'publish one: -p, or ports in the Compose file';
}
