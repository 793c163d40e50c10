import type { Container } from '#lib/domain';
import type { ServiceDraft } from './drafts.js';

/**
 * Those that stay and begin another run, since a service that they depend on with `restart: true` is made anew, or is one
 * that begins another run itself. Pure.
 * @param replaced services whose containers come in the place of others
 */
export function restarted(kept: ReadonlyMap<ServiceDraft, Container>, replaced: readonly string[]): Set<ServiceDraft> {
  const found = new Set<ServiceDraft>();
  const pending = [...new Set(replaced)];
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    for (const draft of kept.keys()) {
      if (found.has(draft) || !draft.dependsOn.some(({ service, restart }) => restart && service === name)) continue;
      found.add(draft);
      if (draft.service !== undefined) pending.push(draft.service);
    }
  }
  return found;
}
