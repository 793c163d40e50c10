import { createServer, type IncomingMessage, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { HttpRegistries } from './http-registries.js';

const LIST = 'application/vnd.oci.image.index.v1+json';
const PASSWORD = `Basic ${Buffer.from('me:secret').toString('base64')}`;

/** A registry that wants tokens, and the server that gives them: what Docker Hub and others do. */
describe('a registry with tokens', () => {
  const registries = new HttpRegistries();
  let server: Server;
  let host: string;
  let asked: string[];
  /** another host's address for what has moved there */
  let elsewhere: string;

  beforeAll(async () => {
    server = createServer(async (request, response) => {
      const { status, headers, body } = await answer(request);
      response.writeHead(status, headers).end(body);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => void server.close());
  beforeEach(() => (asked = []));

  async function answer(request: IncomingMessage) {
    let form = '';
    for await (const part of request) form += String(part);
    const url = new URL(request.url ?? '', `http://${host}`);
    asked.push(`${request.method} ${url.pathname}${url.search}${form && ` ${form}`}`);
    const { authorization = '' } = request.headers;
    const json = (status: number, body: object, headers = {}) => ({ status, headers, body: JSON.stringify(body) });
    if (url.pathname === '/token') {
      if (form !== '') {
        const good = new URLSearchParams(form).get('refresh_token') === 'refresh';
        return good ? json(200, { access_token: 'access' }) : json(401, {});
      }
      if (authorization === PASSWORD) return json(200, { token: 'access', refresh_token: 'refresh' });
      return authorization === '' ? json(200, { token: 'anonymous' }) : json(401, {});
    }
    const access = authorization === 'Bearer access';
    const challenge = {
      'www-authenticate': `Bearer realm="http://${host}/token",service="s",scope="repository:a:pull"`,
    };
    if (!access && !(authorization === 'Bearer anonymous' && url.pathname !== '/v2/'))
      return json(401, { errors: [{ code: 'UNAUTHORIZED', message: 'authentication required' }] }, challenge);
    switch (url.pathname) {
      case '/v2/':
        return json(200, {});
      case '/v2/a/manifests/list':
        return json(
          200,
          { manifests: [{ platform: { os: 'linux', architecture: 'arm64', variant: 'v8' } }, {}] },
          { 'content-type': LIST },
        );
      case '/v2/a/manifests/moved':
        return json(307, {}, { location: elsewhere });
      case '/v2/a/manifests/circle':
        return json(307, {}, { location: url.pathname });
      case '/v2/a/tags/list':
        return url.searchParams.has('last')
          ? json(200, { tags: ['3'] })
          : json(200, { tags: ['1', '2'] }, { link: '</v2/a/tags/list?last=2>; rel="next"' });
      default:
        return json(404, { errors: [{ code: 'MANIFEST_UNKNOWN', message: 'manifest unknown' }] });
    }
  }

  it('gives an identity token for a password, which then does as well', async () => {
    const login = { username: 'me', password: 'secret', serveraddress: host };
    expect(await registries.login(login)).toEqual({ status: 'Login Succeeded', identityToken: 'refresh' });
    expect(asked[1]).toBe(
      'GET /token?service=s&client_id=docker&scope=repository%3Aa%3Apull&account=me&offline_token=true',
    );
    expect(await registries.login({ serveraddress: host, identitytoken: 'refresh' })).toMatchObject({
      status: 'Login Succeeded',
    });
  });

  it('refuses a wrong password and a wrong token, without repeating them', async () => {
    for (const wrong of [{ username: 'me', password: 'wrong-one' }, { identitytoken: 'wrong-one' }]) {
      const refusal = await registries.login({ ...wrong, serveraddress: host }).catch((error: unknown) => error);
      expect(refusal).toMatchObject({
        code: 'unauthorized',
        message: `Get "http://${host}/v2/": unauthorized: incorrect username or password`,
      });
      expect(String(refusal)).not.toContain('wrong-one');
    }
  });

  it('tells platforms of a list, to nobody in particular', async () => {
    const image = await registries.inspect({ repository: `${host}/a`, reference: 'list' });
    expect(image.descriptor).toMatchObject({ mediaType: LIST, size: 84 });
    expect(image.descriptor.digest).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(image.platforms).toEqual([{ os: 'linux', architecture: 'arm64', variant: 'v8' }]);
  });

  it('follows to another host, which is not told who asks, and in no circle', async () => {
    const told: (string | undefined)[] = [];
    const other = createServer((request, response) => {
      told.push(request.headers.authorization);
      response.writeHead(200, { 'content-type': LIST }).end('{"manifests":[]}');
    }).listen(0, '127.0.0.1');
    await once(other, 'listening');
    elsewhere = `http://127.0.0.1:${(other.address() as AddressInfo).port}/blob`;
    try {
      const image = await registries.inspect({ repository: `${host}/a`, reference: 'moved' });
      expect(image.descriptor.mediaType).toBe(LIST);
      expect(told).toEqual([undefined]);
    } finally {
      other.close();
    }
    asked = [];
    await expect(registries.inspect({ repository: `${host}/a`, reference: 'circle' })).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(/redirect/i),
    });
    expect(asked.filter((each) => each.endsWith('/circle')).length).toBeLessThan(10);
  });

  it('lists tags over pages', async () => {
    expect(await registries.tags(`${host}/a`)).toEqual(['1', '2', '3']);
  });

  it("misses what is not there in the registry's words", async () => {
    await expect(registries.inspect({ repository: `${host}/a`, reference: 'nope' })).rejects.toMatchObject({
      code: 'not_found',
      message: 'manifest unknown: manifest unknown',
    });
    await expect(registries.tags('127.0.0.1:1/a')).rejects.toMatchObject({
      code: 'unavailable',
      message: 'Get "http://127.0.0.1:1/v2/a/tags/list": dial tcp 127.0.0.1:1: connect: connection refused',
    });
  });
});
