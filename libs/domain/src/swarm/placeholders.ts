import type { Task } from './objects.js';
import { placeName, taskName } from './task-name.js';

/**
 * Docker's placeholders (`{{.Task.Slot}}`, `{{.Node.Hostname}}` and the like) in environment, host name and mounts of a
 * service, as they are for one of its tasks. What is none of them stays as it is. Pure.
 */
export function fillerOf(task: Task, hostname: string): (text: string) => string {
  const values: Record<string, string> = {
    'Service.ID': task.serviceId,
    'Service.Name': task.serviceName,
    'Node.ID': task.nodeId ?? '',
    'Node.Hostname': hostname,
    'Task.ID': task.id,
    'Task.Name': taskName(task),
    'Task.Slot': placeName(task),
  };
  return (text) => text.replace(/\{\{\s*\.([A-Za-z.]+)\s*\}\}/g, (whole, name: string) => values[name] ?? whole);
}
