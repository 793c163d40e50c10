import type { NodeDescription, Task } from './objects.js';
import { placeName, taskName } from './task-name.js';

/** What placeholders say of a task's node. */
export type TaskNode = Pick<NodeDescription, 'hostname' | 'os' | 'architecture'>;

/** `{{.A.B}}`, `{{index .Service.Labels "a.b"}}`, and `{{"{{"}}` for a text that is to stay as it is. */
const PLACEHOLDER =
  /\{\{\s*(?:\.(\w+(?:\.\w+)*)|index\s+\.Service\.Labels\s+("[^"\\]*"|`[^`]*`)|("[^"\\]*"|`[^`]*`))\s*\}\}/g;

type Field = (task: Task, node: TaskNode) => string;
type Labels = Readonly<Record<string, string>>;

const FIELDS = new Map<string, Field>([
  ['Service.ID', (task) => task.serviceId],
  ['Service.Name', (task) => task.serviceName],
  ['Node.ID', (task) => task.nodeId ?? ''],
  ['Node.Hostname', (_task, node) => node.hostname],
  ['Node.Platform.OS', (_task, node) => node.os],
  ['Node.Platform.Architecture', (_task, node) => node.architecture],
  ['Task.ID', (task) => task.id],
  ['Task.Name', taskName],
  ['Task.Slot', placeName],
]);

/** What may stand between the braces, for people. */
export const PLACEHOLDERS: readonly string[] = [
  ...Array.from(FIELDS.keys(), (field) => `.${field}`),
  '.Service.Labels.KEY',
  'index .Service.Labels "KEY"',
];

/**
 * Docker's placeholders (`{{.Task.Slot}}`, `{{.Node.Hostname}}` and the like) in environment, host name and mounts of a
 * service, as they are for one of its tasks. What is none of them stays as it is. Pure.
 */
export function fillerOf(task: Task, node: TaskNode): (text: string) => string {
  const labels = task.serviceLabels ?? {};
  return (text) =>
    text.replace(PLACEHOLDER, (whole, field?: string, key?: string, literal?: string) => {
      if (field !== undefined) return fieldOf(field, labels)?.(task, node) ?? whole;
      return key === undefined ? unquoted(literal!) : (labelOf(unquoted(key), labels) ?? '');
    });
}

/**
 * The first that begins as a placeholder and that no task could have filled in; undefined: there is none. Pure.
 * @param labels the service's
 */
export function unknownPlaceholder(text: string, labels: Labels): string | undefined {
  const rest = text.replace(PLACEHOLDER, (whole, field?: string) =>
    field === undefined || fieldOf(field, labels) ? '' : whole,
  );
  return /\{\{(?:[^]*?\}\}|[^]*$)/.exec(rest)?.[0];
}

/** A label whose key is no plain word is named with `index`. */
function fieldOf(field: string, labels: Labels): Field | undefined {
  const [, key] = /^Service\.Labels\.(\w+)$/.exec(field) ?? [];
  const value = key === undefined ? undefined : labelOf(key, labels);
  return value === undefined ? FIELDS.get(field) : () => value;
}

function labelOf(key: string, labels: Labels): string | undefined {
  return Object.hasOwn(labels, key) ? labels[key] : undefined;
}

const unquoted = (text: string): string => text.slice(1, -1);
