import { beforeAll, describe, expect, it } from 'vitest';
import { DEMO_IMAGE } from '../harness/image.js';
import { useWorld } from '../harness/world.js';
import { ask } from './api.js';

/** What docs/compatibility.md says of the swarm's endpoints, one request each. */
describe('the swarm’s endpoints on a manager', () => {
  const world = useWorld();

  beforeAll(async () => {
    const { node } = world;
    await node.mustDocker(['swarm', 'init', '--advertise-addr', node.machine.address]);
    await node.mustDocker(['service', 'create', '--detach', '--name', 'web', '--replicas', '0', DEMO_IMAGE, 'serve']);
    for (const kind of ['secret', 'config']) await node.mustDocker([kind, 'create', 'one', '-'], { input: 'said' });
  });

  it.each([
    ['GET', '/swarm', 200],
    ['GET', '/swarm/unlockkey', 404],
    ['POST', '/swarm/unlock', 503],
    ['POST', '/swarm/init', 503],
    ['GET', '/nodes', 200],
    ['GET', '/nodes/nobody', 404],
    ['GET', '/services', 200],
    ['GET', '/services/web', 200],
    ['GET', '/services/nobody', 404],
    ['GET', '/services/web/logs?stdout=1', 200],
    ['GET', '/tasks', 200],
    ['GET', '/tasks/nobody', 404],
    ['GET', '/tasks/nobody/logs?stdout=1', 404],
    ['GET', '/secrets/one', 200],
    ['GET', '/configs/one', 200],
    ['DELETE', '/secrets/one', 204],
    ['DELETE', '/configs/one', 204],
    ['DELETE', '/services/web', 200],
  ])('%s %s: %i', async (method, path, status) => {
    const answer = await ask(world.node.socket, method, path, path === '/swarm/init' ? {} : undefined);
    expect(answer.status, JSON.stringify(answer.body)).toBe(status);
  });
});
