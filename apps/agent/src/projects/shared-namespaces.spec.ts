import request from 'supertest';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { TestAgent } from '../testing/test-agent.js';
import { World } from '../world/world.js';

let agent: TestAgent;
beforeEach(async () => void (agent = await TestAgent.open()));
afterEach(() => agent.close());

const ask = async (what: 'up' | 'down', body: object) => {
  const { text } = await request(agent.server).post(`/skep/v1/projects/shop/${what}`).send(body).expect(200);
  expect(text.trim().split('\n').at(-1)).toBe('{"type":"result","ok":true}');
};

it('the engine is told of a service whose processes and memory are shared by its own id of the container', async () => {
  const after = { owner: { condition: 'service_started', required: true, restart: true } };
  const guest = { image: 'demo', network_mode: 'none', pid: 'service:owner', ipc: 'service:owner', depends_on: after };
  const services = { guest, owner: { image: 'demo', network_mode: 'none' } };
  await ask('up', { model: { name: 'shop', services, networks: {} } });
  const engineIdOf = (service: string) => {
    const { id } = agent.store.list('container').find((each) => each.service === service)!;
    return agent.application.app.get(World).container(id)!.engineId;
  };
  const mode = `container:${engineIdOf('owner')}`;
  const { HostConfig } = agent.engine.requestOf(engineIdOf('guest')).spec;
  expect(HostConfig).toMatchObject({ PidMode: mode, IpcMode: mode });
  await ask('down', {});
  expect(agent.store.list('container')).toEqual([]);
});
