import { waitFor } from '#lib/common';
import { parseDuration } from '#lib/compose';
import type { ShownService, SwarmApi } from '../swarm/swarm-api.js';
import { stackServices } from './deploy.js';
import { NAMESPACE } from './labels.js';
import type { Work } from './work.js';

/** Of the tasks, all of them together, beside the time that they are given. Milliseconds. */
const TASKS_END = 120_000;
const ENDED = new Set(['complete', 'shutdown', 'failed', 'rejected', 'remove', 'orphaned']);

/**
 * Removes a stack, and returns when nothing of it is left: services, then what they used once their tasks have ended. So a
 * deploy right after it finds a clean place. False where there was no such stack.
 */
export async function removeStack(stack: string, api: SwarmApi, work: Work): Promise<boolean> {
  const filter = { label: [`${NAMESPACE}=${stack}`] };
  const services = await stackServices(stack, api);
  const files = await Promise.all([api.list('secrets', filter), api.list('configs', filter)]);
  const networks = (await api.list('networks', filter)).filter(({ Scope }) => Scope === 'swarm');
  if (services.length + networks.length + files.flat().length === 0) return false;

  for (const { ID, Spec } of services) {
    work.say('service', Spec.Name, 'Removing', false);
    await api.remove('services', ID);
  }
  const ids = new Set(services.map(({ ID }) => ID));
  await waitFor(
    async () => {
      const left = (await api.list('tasks')).filter((task) => ids.has(task.ServiceID) && !ENDED.has(task.Status.State));
      return left.length === 0;
    },
    { ms: TASKS_END + Math.max(0, ...services.map(timeGiven)), every: 100, what: `tasks of the stack ${stack} end` },
  );
  for (const { Spec } of services) work.say('service', Spec.Name, 'Removed', true);
  for (const [kind, found] of [
    ['secret', files[0]],
    ['config', files[1]],
  ] as const) {
    for (const { ID, Spec } of found) {
      await work.on(kind, Spec.Name, ['Removing', 'Removed'], () => api.remove(`${kind}s`, ID));
    }
  }
  for (const { Id, Name } of networks) {
    await work.on('network', Name, ['Removing', 'Removed'], () => api.remove('networks', Id));
  }
  return true;
}

/** What a service says that its tasks have for what was begun, and then to stop. Milliseconds. */
function timeGiven({ Spec: { Labels, TaskTemplate } }: ShownService): number {
  const drain = Labels?.['x-skep.drain'] ?? '0';
  return (drain === '0' ? 0 : parseDuration(drain)) + (TaskTemplate.ContainerSpec?.StopGracePeriod ?? 0) / 1e6;
}
