import type { NetworkPlanView, PlanStepView } from '#lib/contracts';
import { networkPlanLines } from '../output/network-plan.js';
import { oneLine } from '../output/width.js';

/**
 * A plan as a list for people: numbered, each step after those that it waits for, with their numbers. Steps that wait
 * for the same ones start together.
 */
export function planLines(plan: { steps: readonly PlanStepView[]; networks?: readonly NetworkPlanView[] }): string[] {
  // Warnings come as events of their own.
  const networks = (plan.networks ?? []).flatMap((network) => networkPlanLines({ ...network, warnings: [] }));
  return [...stepLines(plan.steps), ...networks];
}

function stepLines(steps: readonly PlanStepView[]): string[] {
  if (steps.length === 0) return ['Nothing to do: everything is as the files ask for.'];
  const ordered = inOrder(steps);
  const number = new Map(ordered.map((step, index) => [step.id, index + 1]));
  const digits = String(ordered.length).length;
  const kindWidth = Math.max(...ordered.map(({ kind }) => kind.length));
  const nameWidth = Math.max(...ordered.map(({ name }) => name.length));
  const lines = ordered.map((step, index) => {
    const after = step.after
      .map((id) => number.get(id))
      .filter((each) => each !== undefined)
      .sort((a, b) => a - b);
    const waits = after.length > 0 ? `after ${after.join(', ')}` : 'at once';
    const label = `${step.kind.padEnd(kindWidth)}  ${oneLine(step.name).padEnd(nameWidth)}`;
    return `  ${String(index + 1).padStart(digits)}. ${label}  ${waits}`;
  });
  return [`Plan: ${steps.length} ${steps.length === 1 ? 'step' : 'steps'}`, ...lines];
}

/** Topological, and otherwise as given. Steps of a cycle, which no planner should send, keep their places at the end. */
function inOrder(steps: readonly PlanStepView[]): PlanStepView[] {
  const ids = new Set(steps.map(({ id }) => id));
  const placed = new Set<string>();
  const ordered: PlanStepView[] = [];
  let waiting = [...steps];
  while (waiting.length > 0) {
    const free = waiting.filter(({ after }) => after.every((id) => placed.has(id) || !ids.has(id)));
    const next = free.length > 0 ? free : waiting;
    for (const step of next) placed.add(step.id);
    ordered.push(...next);
    waiting = waiting.filter(({ id }) => !placed.has(id));
  }
  return ordered;
}
