import type { Server } from 'node:http';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestAgent } from '../../testing/test-agent.js';

const NOT_A_MANAGER =
  'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.';

describe('what a node says of itself, and what it refuses', () => {
  let agent: TestAgent;
  let server: Server;

  beforeAll(async () => {
    agent = await TestAgent.open();
    ({ server } = agent);
  });
  afterAll(() => agent.close());

  it.each(['get', 'head'] as const)('%s /_ping tells clients what they speak to', async (method) => {
    const { headers, text } = await request(server)[method]('/v1.24/_ping').expect(200);
    expect(headers).toMatchObject({
      'api-version': '1.51',
      'builder-version': '1',
      'cache-control': 'no-cache, no-store, must-revalidate',
      'docker-experimental': 'false',
      ostype: 'linux',
      pragma: 'no-cache',
      server: expect.stringContaining('skep'),
      swarm: 'inactive',
    });
    expect(text ?? '').toBe(method === 'get' ? 'OK' : '');
  });

  it.each([
    ['get', '/swarm'],
    ['get', '/nodes'],
    ['get', '/services/web'],
    ['get', '/tasks'],
    ['get', '/secrets'],
    ['get', '/configs'],
    ['post', '/services/create'],
  ] as const)('%s %s: no swarm', async (method, path) => {
    const { body, headers } = await request(server)[method](path).expect(503);
    expect(body.message).toBe(NOT_A_MANAGER);
    expect(headers['content-type']).toBe('application/json');
  });

  it('is in no swarm that it could leave', async () => {
    const { body } = await request(server).post('/swarm/leave').expect(503);
    expect(body.message).toBe('This node is not part of a swarm');
  });

  it('has no plugins', async () => {
    await request(server).get('/plugins').expect(200, []);
    await request(server).get('/plugins/x/json').expect(404);
  });

  it.each(['/session', '/grpc', '/build?version=2'])('refuses BuildKit at %s, and says what to do', async (path) => {
    const { body } = await request(server).post(path).expect(501);
    expect(body.message).toContain('DOCKER_BUILDKIT=0');
  });

  it.each([
    ['delete', '/images/%2e%2e'],
    ['post', '/images/%2e%2e/push'],
    ['post', '/images/create?fromImage=../x'],
    ['post', '/images/create?fromImage=Demo'],
    ['post', `/images/create?fromImage=${'x'.repeat(5_000)}`],
    ['get', '/images/json?filters=%7B'],
    ['get', '/images/json?filters=%7B%22no%22%3A%5B%22x%22%5D%7D'],
    ['delete', '/volumes/%2e%2e'],
    ['get', '/volumes/a%0ab'],
    ['get', '/system/df?type=nothing'],
    ['post', '/auth'],
  ] as const)('%s %s: 400', async (method, path) => {
    const { body } = await request(server)[method](path).expect(400);
    expect(body).toEqual({ message: expect.any(String), code: 'invalid' });
  });

  it('refuses names of volumes that are paths', async () => {
    const { body } = await request(server).post('/volumes/create').send({ Name: '../up' }).expect(400);
    expect(body.message).toContain('includes invalid characters for a local volume name');
  });

  it('says that the engine is away', async () => {
    const { body } = await request(server).get('/images/json').expect(503);
    expect(body.message).toContain('the container engine does not answer');
  });
});
