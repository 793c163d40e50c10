import { digestOf, remembered } from '#lib/common';
import type { Task } from './objects.js';

/** A task's place in its service: its slot, or its node where that is none, or the first of a job; as in Docker. Pure. */
export function placeName({ slot, nodeId }: Pick<Task, 'slot' | 'nodeId'>): string {
  return slot > 0 ? String(slot) : (nodeId ?? '');
}

/** `SERVICE.SLOT.TASK`; with the node in place of a slot that is none, or the first of a job: `SERVICE.NODE.TASK`. Pure. */
export function taskName(task: Pick<Task, 'id' | 'serviceName' | 'slot' | 'nodeId'>): string {
  return `${task.serviceName}.${placeName(task)}.${task.id}`;
}

/** A container's id follows from its task, so that an assignment that comes twice makes one container. Pure. */
export const containerIdOf = remembered(10_000, (taskId) => digestOf(`task ${taskId}`));
