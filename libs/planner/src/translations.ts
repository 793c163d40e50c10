import { sameTranslations, type Observed } from '#lib/domain';
import type { Desired } from './desired.js';
import { step, stepId, type Step } from './steps.js';

/** @param others the plan so far: a namespace that it makes is there afterwards */
export function planTranslations(desired: Desired, observed: Observed, others: readonly Step[]): Step[] {
  const made = new Set(others.flatMap((each) => (each.kind === 'sandbox.ensure' ? [each.container.id] : [])));
  return desired.containers.flatMap((container): Step[] => {
    const translations = desired.translations.get(container.id) ?? [];
    if (sameTranslations(observed.translations.get(container.id) ?? [], translations)) return [];
    if (!made.has(container.id) && !observed.netns.has(desired.names.netns(container.id))) return [];
    return [step({ kind: 'translations.apply', container, translations }, [stepId('sandbox.ensure', container.id)])];
  });
}
