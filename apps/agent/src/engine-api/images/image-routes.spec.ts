import { expect, it } from 'vitest';
import type { EventLog } from '../../events/event-log.js';
import type { Call } from '../passthrough/route.js';
import { ImageEvents } from './image-events.js';
import { ImageRoutes } from './image-routes.js';

it('tells of each image that was loaded in a message of its own, as docker-py reads them', () => {
  const events: string[] = [];
  const log = { record: (...[, action, { id }]: Parameters<EventLog['record']>) => events.push(`${action} ${id}`) };
  const routes = new ImageRoutes(undefined as never, undefined as never, new ImageEvents(log as unknown as EventLog));
  const load = routes.routes.find(({ path }) => path === '/images/load')!;
  const id = `sha256:${'a'.repeat(64)}`;
  const told = (stream: string) => load.line!({ stream }, {} as Call);
  expect(told(`Loaded image(s): docker.io/library/a:1,docker.io/b/c:2, ${id}\n`)).toEqual([
    { stream: 'Loaded image: a:1\n' },
    { stream: 'Loaded image: b/c:2\n' },
    { stream: `Loaded image ID: ${id}\n` },
  ]);
  expect(events).toEqual(['load a:1', 'load b/c:2', `load ${id}`]);
  expect(told('other\n')).toEqual([{ stream: 'other\n' }]);
});
