import 'reflect-metadata';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NestFactory } from '@nestjs/core';
import { Transport, type MicroserviceOptions } from '@nestjs/microservices';
import type { NestExpressApplication } from '@nestjs/platform-express';
import supertest from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createSwarmClient,
  fetchRoot,
  PROTO_LOADER_OPTIONS,
  SWARM_PACKAGE,
  SWARM_PROTO,
  swarmFolder,
  type SwarmClient,
} from '#lib/contracts';
import { openClusterStore, type ClusterStore } from '#lib/store';
import { CertificateAuthority } from './ca/certificate-authority.js';
import { ManagerCredentials } from './ca/server-credentials.js';
import { ClusterKey } from './cluster/cluster-key.js';
import { openCluster } from './cluster/found.js';
import { Dispatcher } from './dispatcher/dispatcher.js';
import { Liveness } from './dispatcher/liveness.js';
import { ClusterEvents } from './events/cluster-events.js';
import { LogBroker } from './logs/log-broker.js';
import { LogReading } from './logs/log-reading.js';
import { LoopRunner } from './loops/loop-runner.js';
import { ManagerModule } from './manager.module.js';

describe('the whole manager', () => {
  const root = mkdtempSync(join(tmpdir(), 'skep-manager-'));
  const address = `unix:${root}/grpc.sock`;
  let store: ClusterStore;
  let credentials: ManagerCredentials;
  let app: NestExpressApplication;

  beforeAll(async () => {
    const key = ClusterKey.open(root);
    store = await openClusterStore(join(swarmFolder(root), 'cluster.db'));
    await openCluster(store, key, {
      clusterId: 'cluster',
      spec: { Name: 'default' },
      addressPools: [{ base: '10.0.0.0/8', size: 24 }],
      dataPathPort: 4789,
      availability: 'active',
    });
    credentials = await ManagerCredentials.open(store, key);
    const module = ManagerModule.on({ store, key, folder: swarmFolder(root) });
    app = await NestFactory.create<NestExpressApplication>(module, { logger: false, abortOnError: false });
    app.connectMicroservice<MicroserviceOptions>({
      transport: Transport.GRPC,
      options: {
        package: SWARM_PACKAGE,
        protoPath: SWARM_PROTO,
        loader: PROTO_LOADER_OPTIONS,
        url: address,
        credentials,
      },
    });
    await app.startAllMicroservices();
    await app.init();
  });

  afterAll(async () => {
    credentials.close();
    await app.close();
    await store.close();
    rmSync(root, { recursive: true });
  });

  it.each(['/swarm', '/nodes', '/networks', '/services', '/tasks', '/secrets', '/configs'])(
    'answers GET %s',
    async (path) => {
      await supertest(app.getHttpServer()).get(path).expect(200);
    },
  );

  it('copies its state into the folder', async () => {
    const { body } = await supertest(app.getHttpServer()).post('/skep/v1/copy').expect(201);
    expect(body.path).toContain(swarmFolder(root));
  });

  it('has one of each part', () => {
    for (const part of [CertificateAuthority, ClusterEvents, Dispatcher, Liveness, LogBroker, LogReading, LoopRunner]) {
      expect(app.get<object>(part, { each: true }), part.name).toHaveLength(1);
    }
  });

  describe('to somebody without a certificate', () => {
    let client: SwarmClient;
    beforeAll(async () => {
      client = createSwarmClient(address, await fetchRoot(address));
    });
    afterAll(() => client.close());

    it('renews none', async () => {
      await expect(client.renew('')).rejects.toMatchObject({ code: 'unauthorized' });
    });

    it.each(['session', 'publishLogs'] as const)('opens no %s', async (name) => {
      const [error] = (await once(client[name]().resume(), 'error')) as [Error];
      expect(error.message).toContain('is for nodes of the cluster');
    });
  });
});
