import { isIP } from 'node:net';
import type { TraceCheck, TraceView } from '#lib/contracts';
import { destinationOf } from './destination.js';
import type { TraceFacts } from './facts.js';
import { listenerCheck } from './listener-check.js';
import { nameChecks, runs } from './name-checks.js';
import { networkCheck, routeCheck, rulesCheck } from './way-checks.js';

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
  const address = isIP(facts.to) ? facts.to : facts.answer?.addresses[0];
  if (address === undefined) return;
  const at = destinationOf(address, facts);
  if ('holder' in at && at.kind !== 'itself') yield runs(at.holder, facts);
  yield networkCheck(at, facts);
  if (at.kind !== 'itself') {
    yield routeCheck(at, facts);
    yield rulesCheck(at, facts);
  }
  if (facts.port !== undefined) yield listenerCheck(at, facts.port, facts);
}
