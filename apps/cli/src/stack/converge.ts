import { messageOf, SkepError, waitFor } from '#lib/common';
import type { ShownService, SwarmApi } from '../swarm/swarm-api.js';
import { wantedTasks } from '../swarm/wanted-tasks.js';
import { stackServices } from './deploy.js';
import type { Work } from './work.js';

const PAUSED = new Set(['paused', 'rollback_paused', 'rollback_completed']);

/** Waits until every service of the stack runs as it was asked for. Errors say which does not, and why. */
export async function converge(stack: string, timeoutMs: number, api: SwarmApi, work: Work): Promise<void> {
  for (const { ID, Spec } of await stackServices(stack, api)) {
    let last = '';
    const there = async () => {
      const service = (await stackServices(stack, api)).find((each) => each.ID === ID);
      if (!service) return true;
      const found = await progressOf(service, api);
      last = found.why;
      return found.done;
    };
    work.say('service', Spec.Name, 'Waiting', false);
    await waitFor(there, { ms: timeoutMs, every: 200, what: `service ${Spec.Name} runs` }).catch((error: unknown) => {
      work.say('service', Spec.Name, 'Error', true, last);
      throw SkepError.is(error, 'timeout') ? new SkepError('timeout', `${messageOf(error)}: ${last}`) : error;
    });
    work.say('service', Spec.Name, 'Running', true);
  }
}

async function progressOf(service: ShownService, api: SwarmApi): Promise<{ done: boolean; why: string }> {
  const { UpdateStatus: update, Spec } = service;
  if (PAUSED.has(update?.State ?? '')) {
    throw new SkepError('conflict', `service ${Spec.Name}: update ${update!.State}: ${update!.Message ?? ''}`);
  }
  const tasks = await api.list('tasks', { service: [service.ID], '_up-to-date': ['true'] });
  // A global service has no tasks at first, and is not done by that.
  const wanted = Spec.Mode?.Replicated?.Replicas ?? Math.max(1, wantedTasks(service));
  const job = Spec.Mode?.ReplicatedJob ?? Spec.Mode?.GlobalJob;
  const state = job ? 'complete' : 'running';
  const good = tasks.filter((task) => task.Status.State === state && (job || task.DesiredState === 'running'));
  const why = tasks.map(({ Status }) => Status.Err).find((err) => err !== undefined && err !== '');
  return {
    done: good.length >= wanted && update?.State !== 'updating' && update?.State !== 'rollback_started',
    why: `${good.length} of ${wanted} tasks ${job ? 'are complete' : 'run'}${why ? `; ${why}` : ''}`,
  };
}
