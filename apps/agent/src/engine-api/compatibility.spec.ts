import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestAgent } from '../testing/test-agent.js';
import { ROUTES } from './passthrough/passthrough.js';
import type { Route } from './passthrough/route.js';

/** Every endpoint of the Docker Engine API 1.51; `{}` stands for a parameter. */
const API = {
  GET: `/_ping /version /info /events /system/df
    /containers/json /containers/{}/json /containers/{}/top /containers/{}/logs /containers/{}/changes
    /containers/{}/export /containers/{}/stats /containers/{}/attach/ws /containers/{}/archive /exec/{}/json
    /images/json /images/{}/json /images/{}/history /images/{}/get /images/get /images/search /distribution/{}/json
    /networks /networks/{} /volumes /volumes/{}
    /plugins /plugins/privileges /plugins/{}/json
    /swarm /swarm/unlockkey /nodes /nodes/{} /services /services/{} /services/{}/logs /tasks /tasks/{} /tasks/{}/logs
    /secrets /secrets/{} /configs /configs/{}`,
  HEAD: '/_ping /containers/{}/archive',
  POST: `/auth /session /build /build/prune /commit
    /containers/create /containers/{}/resize /containers/{}/start /containers/{}/stop /containers/{}/restart
    /containers/{}/kill /containers/{}/update /containers/{}/rename /containers/{}/pause /containers/{}/unpause
    /containers/{}/attach /containers/{}/wait /containers/prune /containers/{}/exec /exec/{}/start /exec/{}/resize
    /images/create /images/{}/push /images/{}/tag /images/prune /images/load
    /networks/create /networks/{}/connect /networks/{}/disconnect /networks/prune /volumes/create /volumes/prune
    /plugins/pull /plugins/{}/enable /plugins/{}/disable /plugins/{}/upgrade /plugins/create /plugins/{}/push
    /plugins/{}/set
    /swarm/init /swarm/join /swarm/leave /swarm/update /swarm/unlock /nodes/{}/update
    /services/create /services/{}/update /secrets/create /secrets/{}/update /configs/create /configs/{}/update`,
  PUT: '/containers/{}/archive /volumes/{}',
  DELETE: `/containers/{} /images/{} /networks/{} /volumes/{} /plugins/{} /nodes/{} /services/{} /secrets/{}
    /configs/{}`,
};
/** Not part of the specification, and asked for by clients. */
const BESIDE = ['POST /grpc'];

const ENDPOINTS = Object.entries(API).flatMap(([method, paths]) =>
  paths.split(/\s+/).map((path) => `${method} ${path}`),
);
const ROOTS = new Set([...ENDPOINTS, ...BESIDE].map((endpoint) => endpoint.split('/')[1]!));

/** Rows of docs/compatibility.md: the endpoints of each, and what is said of them. */
function lines(): { endpoints: string[]; state: string }[] {
  const text = readFileSync(join(import.meta.dirname, '../../../../docs/compatibility.md'), 'utf8');
  return text.split('\n').flatMap((line) => {
    const [, names = '', state = ''] = line.split('|').map((cell) => cell.trim());
    return /^`(GET|HEAD|POST|PUT|DELETE)\b/.test(names) ? [{ endpoints: expanded(names), state }] : [];
  });
}

/** `POST /a/{id}/x`, `y`, `GET /b`: a name without a method has the one before it; one without its root has its neighbour's. */
function expanded(names: string): string[] {
  let methods: string[] = [];
  let last = '';
  let pending: string[] = [];
  return [...names.matchAll(/`([^`]+)`/g)].flatMap(([, name = '']) => {
    const [, method, path = ''] = /^([A-Z]+)? ?(\S*)$/.exec(name) ?? [];
    if (method !== undefined && path === '') {
      pending.push(method);
      return [];
    }
    if (method !== undefined) methods = [...pending, method];
    pending = [];
    const parts = path.split('/').filter(Boolean);
    last = ROOTS.has(parts[0]!) ? path : `${last.slice(0, last.lastIndexOf('/'))}/${parts.join('/')}`;
    return methods.map((each) => `${each} ${last.replaceAll(/\{\w+\}/g, '{}')}`);
  });
}

interface Layer {
  route?: { path: string; methods: Record<string, boolean> };
}

/** What an agent answers itself or passes on to its engine, as `METHOD /path`. */
function served({ app }: { app: NestExpressApplication }): string[] {
  const { router } = app.getHttpAdapter().getInstance() as { router: { stack: Layer[] } };
  const own = router.stack.flatMap(({ route }) => {
    const methods = Object.keys(route?.methods ?? {});
    // What takes every method only refuses.
    return methods.length > 2 ? [] : methods.map((method) => `${method.toUpperCase()} ${route!.path}`);
  });
  const passed = app.get<Route[]>(ROUTES).map(({ method, path }) => `${method} ${path}`);
  return [...own, ...passed]
    .filter((endpoint) => / \/(?!skep\/)/.test(endpoint) && !/\{\*|\/\*path/.test(endpoint))
    .map((endpoint) => endpoint.replaceAll(/[:*]\w+/g, '{}'));
}

describe('docs/compatibility.md', () => {
  let agent: TestAgent;
  const named = lines().flatMap(({ endpoints }) => endpoints);

  beforeAll(async () => {
    agent = await TestAgent.open();
  });
  afterAll(() => agent.close());

  it('has one line for every endpoint of the API, and none for another', () => {
    expect(named.toSorted()).toEqual([...ENDPOINTS, ...BESIDE].toSorted());
  });

  it('says of each whether it works', () => {
    const states = new Set(lines().map(({ state }) => state));
    expect([...states].filter((state) => !/^(works|passed through|not yet|never)\b/.test(state))).toEqual([]);
  });

  it('has a line for everything that an agent answers', () => {
    const methods = Object.keys(API);
    const all = served(agent.application).filter((endpoint) => methods.includes(endpoint.split(' ')[0]!));
    expect(all.length).toBeGreaterThan(70);
    expect(all.filter((endpoint) => !named.includes(endpoint))).toEqual([]);
  });
});
