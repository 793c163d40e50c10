import { sameTranslations, type Observed } from '#lib/domain';
import type { Desired } from './desired.js';
import { step, stepId, type Step } from './steps.js';

/**
 * A namespace that is there needs nothing else, so that what cannot be mended in it keeps no rules from it: whoever is
 * stopped waits for them.
 * @param others the plan so far: a namespace that it makes is there afterwards
 */
export function planTranslations(desired: Desired, observed: Observed, others: readonly Step[]): Step[] {
  const made = new Set(others.flatMap((each) => (each.kind === 'sandbox.ensure' ? [each.container.id] : [])));
  return desired.containers.flatMap((container): Step[] => {
    const translations = desired.translations.get(container.id) ?? [];
    if (sameTranslations(observed.translations.get(container.id) ?? [], translations)) return [];
    const present = observed.netns.has(desired.names.netns(container.id));
    if (!made.has(container.id) && !present) return [];
    const after = present ? [] : [stepId('sandbox.ensure', container.id)];
    return [step({ kind: 'translations.apply', container, translations }, after)];
  });
}
