import type { Task } from './objects.js';

/** `SERVICE.SLOT.TASK`; with the node in place of a slot that is none, or the first of a job: `SERVICE.NODE.TASK`. Pure. */
export function taskName(task: Pick<Task, 'id' | 'serviceName' | 'slot' | 'nodeId'>): string {
  return `${task.serviceName}.${task.slot > 0 ? task.slot : (task.nodeId ?? '')}.${task.id}`;
}
