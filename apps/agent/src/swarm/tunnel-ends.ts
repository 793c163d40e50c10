import type { AssignmentChange, Assignment } from '#lib/domain';
import { seal, unseal } from '../node/seal.js';

/**
 * Preshared keys are written down only sealed. One that the node has already keeps its sealed text, so that what comes
 * twice changes nothing.
 */
export function withSealedKeys(
  changes: readonly AssignmentChange[],
  known: readonly Assignment[],
  dataRoot: string,
): AssignmentChange[] {
  const before = new Map(known.flatMap((each) => (each.kind === 'tunnel' ? [[each.id, each.value] as const] : [])));
  return changes.map((change) => {
    if (change.kind !== 'tunnel' || change.op !== 'put') return change;
    const { presharedKey: open } = change.value;
    const sealed = before.get(change.id)?.presharedKey;
    const presharedKey = sealed !== undefined && unseal(sealed, dataRoot) === open ? sealed : seal(open, dataRoot);
    return { ...change, value: { ...change.value, presharedKey } };
  });
}
