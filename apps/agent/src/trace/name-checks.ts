import { isIP } from 'node:net';
import { closest, listed } from '#lib/common';
import type { TraceCheck } from '#lib/contracts';
import type { Container, Peer } from '#lib/domain';
import type { KnownContainer } from '../containers/container-directory.js';
import { bearersOf, isOnNode, namesOf, networksOf, type TraceFacts } from './facts.js';

/** Does the container run? */
export function runs({ id, name }: Container, { containers }: TraceFacts): TraceCheck {
  const known = containers.find((each) => each.container.id === id);
  const state = known?.seen?.state;
  if (state === 'running') return { about: 'container', state: 'ok', says: `${name} runs` };
  if (state === 'paused') {
    return { about: 'container', state: 'no', says: `${name} is paused`, advice: `docker unpause ${name}` };
  }
  const why =
    known?.status.error ?? (state === 'exited' ? `it ended with code ${known?.seen?.exitCode}` : 'not started');
  return { about: 'container', state: 'no', says: `${name} does not run: ${why}`, advice: `docker start ${name}` };
}

/** Is what was asked for the name of something? Nothing for an address. */
export function nameChecks(facts: TraceFacts): TraceCheck[] {
  const { to, answer, from } = facts;
  if (isIP(to)) return [];
  const addresses = answer?.addresses ?? [];
  if (answer && addresses.length > 0) {
    const all = addresses.length > 1 ? `; the first of ${addresses.length} is followed` : '';
    return [{ about: 'name', state: 'ok', says: `${to} is ${addresses.join(', ')} (${answer.rule})${all}` }];
  }
  const bearers = bearersOf(to, facts);
  if (isOnNode(from, facts)) return [onTheNode(bearers, facts)];
  if (bearers.length > 0) return [...unanswered(bearers, facts), unnamed(facts)];
  if ((answer?.omitted ?? []).length > 0) return [unnamed(facts)];
  const away = facts.peers.find((each) => namesOfPeer(each).includes(to));
  if (away) return [unsharedPeer(away, facts)];
  return [unknown(facts)];
}

/** Why containers that have the name are not answered. */
function unanswered(bearers: KnownContainer[], facts: TraceFacts): TraceCheck[] {
  const mine = networksOf(facts.from, facts);
  const near = bearers.filter(({ container }) => networksOf(container, facts).some((each) => mine.includes(each)));
  if (near.length === 0) return [unshared(bearers[0]!.container, facts)];
  const idle = near.filter(({ seen }) => seen?.state !== 'running');
  return idle.length === near.length ? [runs(idle[0]!.container, facts)] : [];
}

/** Two containers that have no network together. */
export function unshared(other: Container, facts: TraceFacts): TraceCheck {
  const [mine, theirs] = [networksOf(facts.from, facts), networksOf(other, facts)];
  const from = facts.from.name;
  if (isOnNode(other, facts)) {
    return {
      about: 'network',
      state: 'no',
      says: `${other.name} uses the node's own network, so its name is answered on none`,
      advice: `use this node's address: ${facts.nodeAddresses.find((each) => !/^(127\.|::1|fe80:)/.test(each)) ?? 'it has none'}`,
    };
  }
  if (isOnNode(facts.from, facts)) {
    return {
      about: 'network',
      state: 'no',
      says: `${from} uses the node's own network, which does not lead to ${other.name} on ${listed(theirs.map(({ name }) => name))}`,
      advice: `run ${from} on a network of ${other.name}, without --network host`,
    };
  }
  const on = (who: string, networks: typeof mine) =>
    `${who} is on ${networks.length > 0 ? listed(networks.map(({ name }) => name)) : 'no network'}`;
  const [network, joins] = theirs[0] ? [theirs[0], from] : [mine[0], other.name];
  return {
    about: 'network',
    state: 'no',
    says: `${from} and ${other.name} share no network: ${on(from, mine)}, ${on(other.name, theirs)}`,
    advice: network
      ? `attach one to the other's network: docker network connect ${network.name} ${joins}; or publish a port of ${other.name} and use this node's address`
      : 'put both on one network when they are made: --network',
  };
}

const namesOfPeer = ({ names, sharedNames, service }: Peer) => [...names, ...sharedNames, service];

/** A container of another node, on a network of the swarm that the asker is not on. */
export function unsharedPeer({ networkId, names, id }: Peer, facts: TraceFacts): TraceCheck {
  const { from, networks } = facts;
  const network = networks.find((each) => each.id === networkId);
  const on = network?.name ?? networkId;
  // Neither takes part in a network that is added.
  const byPort = isOnNode(from, facts) || network?.overlay?.ingress;
  return {
    about: 'network',
    state: 'no',
    says: `${names[0] ?? id} is on ${on}, on another node, and ${from.name} is not on that network`,
    advice: byPort
      ? `use a published port of its service and this node's address`
      : `docker service update --network-add ${on} SERVICE, where ${from.name} is a task of one`,
  };
}

function onTheNode(bearers: KnownContainer[], { to, from }: TraceFacts): TraceCheck {
  const says = `${from.name} uses the node's own network, where names of containers are not answered`;
  const { ipv4, ipv6 } = bearers[0]?.container.endpoints[0] ?? {};
  if (bearers.length === 0)
    return { about: 'name', state: 'unseen', says: `${says}; ${to} is looked up as the node does` };
  return { about: 'name', state: 'no', says, advice: `use the address of ${to}: ${ipv4 ?? ipv6 ?? 'it has none'}` };
}

/** It is there, runs and is near, and the resolver leaves it out. */
function unnamed({ to, answer }: TraceFacts): TraceCheck {
  const left = (answer?.omitted ?? []).map(({ what, why }) => `${what}: ${why}`);
  return {
    about: 'name',
    state: 'no',
    says: `${to} is not answered: ${left.length > 0 ? `left out ${listed(left)}` : (answer?.rule ?? 'no resolver listens')}`,
    advice: 'wait until it is healthy, or use its address; skep dns lookup shows the whole answer',
  };
}

function unknown(facts: TraceFacts): TraceCheck {
  const { to, answer, from, containers, peers } = facts;
  const meant = closest(
    to,
    new Set([...containers.flatMap(({ container }) => [...namesOf(container)]), ...peers.flatMap(namesOfPeer)]),
  );
  const networks = listed(networksOf(from, facts).map(({ name }) => name)) || 'no network';
  return {
    about: 'name',
    state: 'no',
    says: `no such name: nobody on this node is called ${to}, and other servers answer ${answer?.rcode ?? 'nothing'} (asked from ${networks})`,
    advice: meant ? `did you mean ${meant}?` : 'docker ps -a lists the containers, and their networks their names',
  };
}
