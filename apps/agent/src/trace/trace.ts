import { isIP } from 'node:net';
import type { TraceCheck, TraceView } from '#lib/contracts';
import { canonical } from './addresses.js';
import { destinationOf, replicaAt, type Destination } from './destination.js';
import { isOnNode, type TraceFacts } from './facts.js';
import { filterChecks } from './filter-check.js';
import { hopCheck } from './hop-check.js';
import { linkCheck } from './link-checks.js';
import { listenerCheck } from './listener-check.js';
import { nameChecks, runs } from './name-checks.js';
import { isAtNode, segmentCheck } from './segment-check.js';
import { tunnelCheck } from './tunnel-check.js';
import { leavingBy, networkCheck, routeCheck, rulesCheck } from './way-checks.js';

/** The checks that a connection from a container meets, up to the first that it does not pass. Pure. */
export function trace(facts: TraceFacts): TraceView {
  const checks: TraceCheck[] = [];
  for (const check of allChecks(facts)) {
    checks.push(check);
    if (check.state === 'no') break;
  }
  const { from, to, port, protocol } = facts;
  const reached = checks.every(({ state }) => state !== 'no');
  return { from: from.name, to, ...(port !== undefined && { port }), protocol, reached, checks };
}

function* allChecks(facts: TraceFacts): Generator<TraceCheck> {
  yield runs(facts.from, facts);
  yield* nameChecks(facts);
  const target = isIP(facts.to) ? facts.to : facts.answer?.addresses[0];
  if (target === undefined) return;
  const address = canonical(target);
  const replica = replicaAt(address, facts);
  if (replica) yield replicaCheck(address, replica);
  const at = destinationOf(replica?.first ?? address, facts);
  if ('holder' in at && at.kind !== 'itself') yield runs(at.holder, facts);
  yield networkCheck(at, facts);
  if (at.kind === 'nowhere') return;
  if (at.kind !== 'itself') yield* wayChecks(at, facts);
  if (facts.port !== undefined) yield listenerCheck(at, facts.port, facts);
}

/** Links first, then routes by them, then what stops packets on their way. */
function* wayChecks(
  at: Exclude<Destination, { kind: 'itself' | 'nowhere' }>,
  facts: TraceFacts,
): Generator<TraceCheck> {
  const near = at.kind === 'neighbour' || at.kind === 'remote' ? at.network : undefined;
  const mine = near ?? leavingBy(at, facts)?.network;
  if (mine) yield linkCheck(facts.from, mine, facts);
  // The node's way to itself is none that its table of routes has.
  if (!isAtNode(at) || !isOnNode(facts.from, facts)) yield routeCheck(at, facts);
  if ('holder' in at) yield linkCheck(at.holder, at.network, facts);
  if ('peer' in at) yield tunnelCheck(at.peer, at.network, facts);
  const segment = segmentCheck(at, mine, facts);
  if (segment) yield segment;
  const hop = hopCheck(at, mine, facts);
  if (hop) yield hop;
  yield rulesCheck(at, facts);
  yield* filterChecks(at, leavingBy(at, facts), facts);
}

function replicaCheck(
  address: string,
  { service, count, first }: NonNullable<ReturnType<typeof replicaAt>>,
): TraceCheck {
  const says = `${address} is the virtual address of service ${service}`;
  if (first === undefined) {
    return {
      about: 'network',
      state: 'no',
      says: `${says}, and none of its tasks is ready`,
      advice: `docker service ps ${service}`,
    };
  }
  return { about: 'network', state: 'ok', says: `${says}: ${count} answer, ${first} is followed` };
}
