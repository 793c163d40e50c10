import type { NodeEvent } from '../../events/event-log.js';

/**
 * Docker's JSON of an event, on a line of its own. `timeNano` has more digits than a JavaScript number. Containers and
 * images have `status`, `id` and `from` as well, which clients from before API 1.22 read (docker-py among them).
 */
export function eventLine({ type, action, actor, scope, nano }: NodeEvent): string {
  const event = {
    ...(type === 'container' && { status: action, id: actor.id, from: actor.attributes['image'] }),
    ...(type === 'image' && { status: action, id: actor.id }),
    Type: type,
    Action: action,
    Actor: { ID: actor.id, Attributes: actor.attributes },
    scope,
    time: Number(nano / 1_000_000_000n),
  };
  return `${JSON.stringify(event).slice(0, -1)},"timeNano":${nano}}\n`;
}
