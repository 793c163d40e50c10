import 'reflect-metadata';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { expect, it } from 'vitest';
import { openClusterStore, type ClusterStore } from '#lib/store';
import { STORE } from '../cluster/tokens.js';
import { ClusterEvents } from './cluster-events.js';
import { EventsController } from './events.controller.js';

it('tells whoever listens, a line an event, and holds no server up that closes', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'skep-events-'));
  const store: ClusterStore = await openClusterStore(join(folder, 'cluster.db'));
  const module = {
    module: class Events {},
    controllers: [EventsController],
    providers: [ClusterEvents, { provide: STORE, useValue: store }],
  };
  const app = await NestFactory.create<NestExpressApplication>(module, { logger: false, abortOnError: false });
  await app.listen(0, '127.0.0.1');
  const { port } = app.getHttpServer().address() as AddressInfo;
  const call = get({ port, host: '127.0.0.1', path: '/skep/v1/events', agent: false });
  const [answer] = (await once(call, 'response')) as [IncomingMessage];
  const secret = { id: 's', createdAt: '', updatedAt: '', spec: { Name: 'key', Data: 'sealed' } };
  await store.commit([{ op: 'put', kind: 'secret', value: secret }]);
  const [line] = (await once(answer.setEncoding('utf8'), 'data')) as [string];
  expect(line).toBe('{"type":"secret","action":"create","actor":{"id":"s","attributes":{"name":"key"}}}\n');
  const ended = once(answer, 'end');
  await app.close();
  await ended;
  // Nobody listens any more.
  await store.commit([{ op: 'delete', kind: 'secret', id: 's' }]);
  await store.close();
  rmSync(folder, { recursive: true });
});
