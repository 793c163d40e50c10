import type { EventType, NodeEvent } from '../../events/event-log.js';
import { Filters, labelFits } from '#lib/http';

/** Filters by the object of an event: by its id or name, or how they begin. */
const OBJECTS: readonly EventType[] = [
  'config',
  'container',
  'daemon',
  'network',
  'node',
  'secret',
  'service',
  'volume',
];
/** Of things that do not happen here yet: nothing fits them. */
const ABSENT = ['plugin'];

/** Filters of GET /events; the values of one name are alternatives, but labels must all be there. */
export function eventFilter(text: string | undefined): (event: NodeEvent) => boolean {
  const filters = Filters.parse(text, [...OBJECTS, ...ABSENT, 'event', 'image', 'label', 'scope', 'type']);
  return (event) =>
    OBJECTS.every((type) => filters.any(type, (value) => event.type === type && begins(event, value))) &&
    ABSENT.every((type) => filters.any(type, () => false)) &&
    filters.any('event', (value) => event.action === value || event.action.startsWith(`${value}:`)) &&
    filters.any('image', (value) => ofImage(event, value)) &&
    filters.any('scope', (value) => value === event.scope) &&
    filters.any('type', (value) => value === event.type) &&
    filters.every('label', (value) => labelFits(event.actor.attributes, value));
}

function begins({ actor }: NodeEvent, value: string): boolean {
  return actor.id.startsWith(value) || (actor.attributes['name']?.startsWith(value) ?? false);
}

/** Images, and containers made from them, with and without the tag. */
function ofImage({ type, actor }: NodeEvent, value: string): boolean {
  if (type !== 'image' && type !== 'container') return false;
  const names = type === 'image' ? [actor.id, actor.attributes['name']] : [actor.attributes['image']];
  return names.some((name) => name !== undefined && (name === value || withoutTag(name) === value));
}

const withoutTag = (name: string) => name.replace(/:[^:/]+$/, '');
