import type { Observed } from '#lib/domain';
import { planContainers } from './containers.js';
import type { Desired } from './desired.js';
import { planNetworks } from './networks.js';
import { step, type Plan, type Step } from './steps.js';
import { planStrays } from './strays.js';
import { planTunnel } from './tunnel.js';
import { planTranslations } from './translations.js';
import { planVolumes } from './volumes.js';

/** The whole comparison: the steps that lead from what is to what is desired. An equal world gives no step. */
export function plan(desired: Desired, observed: Observed): Plan {
  const containers = planContainers(desired, observed);
  const steps = [
    ...(observed.rulesCurrent ? [] : [step({ kind: 'rules.apply' })]),
    ...planTunnel(desired, observed),
    ...planNetworks(desired, observed),
    ...planVolumes(desired, observed),
    ...planStrays(desired, observed),
    ...planTranslations(desired, observed, containers.steps),
    ...containers.steps,
  ];
  return { ...containers, steps: withKnownPredecessors(steps) };
}

/** Builders name every step that would have to come first; what is done already is not in the plan and is dropped. */
function withKnownPredecessors(steps: Step[]): Step[] {
  const ids = new Set(steps.map((each) => each.id));
  for (const each of steps) each.after = each.after.filter((id) => ids.has(id));
  return steps;
}
