import 'reflect-metadata';
import { rmSync } from 'node:fs';
import type { ChannelOptions } from '@grpc/grpc-js';
import { Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Transport, type MicroserviceOptions } from '@nestjs/microservices';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { internal, messageOf } from '#lib/common';
import {
  daemonConfigFromEnv,
  MAX_MESSAGE_LENGTH,
  MAX_NODE_MESSAGE_LENGTH,
  PROTO_LOADER_OPTIONS,
  readMembership,
  SWARM_PACKAGE,
  SWARM_PROTO,
  swarmFolder,
} from '#lib/contracts';
import { heartbeatOf } from '#lib/domain';
import { endUnstarted, ErrorFilter, ProcessLogger } from '#lib/http';
import { ManagerCredentials } from './ca/server-credentials.js';
import { boundedStrangers } from './ca/strangers.js';
import { openState } from './cluster/open-state.js';
import { LOOPS } from './control-loops.js';
import { Liveness } from './dispatcher/liveness.js';
import { LoopRunner } from './loops/loop-runner.js';
import { ManagerModule } from './manager.module.js';

/** A config of the largest size, in base 64. */
const BODY_LIMIT = '2mb';

async function main(): Promise<void> {
  const config = daemonConfigFromEnv(process.env);
  const logger = new ProcessLogger('manager', config.logLevel);
  Logger.overrideLogger(logger);
  process.umask(0o077);
  const membership = readMembership(config.dataRoot);
  if (membership?.role !== 'manager') throw internal('this node is no manager');
  const { key, store, cluster } = await openState(config.dataRoot, membership);
  const credentials = await ManagerCredentials.open(store, key);

  const options = { logger, abortOnError: false, bodyParser: false };
  const app = await NestFactory.create<NestExpressApplication>(
    ManagerModule.on({ store, key, folder: swarmFolder(config.dataRoot) }),
    options,
  );
  app.useBodyParser('json', { limit: BODY_LIMIT });
  app.useGlobalFilters(new ErrorFilter());
  // Nest hands them on as they are, but its type knows those of a client only.
  const serverOptions = { interceptors: [boundedStrangers()] } as ChannelOptions;
  app.connectMicroservice<MicroserviceOptions>({
    transport: Transport.GRPC,
    options: {
      package: SWARM_PACKAGE,
      protoPath: SWARM_PROTO,
      loader: PROTO_LOADER_OPTIONS,
      url: membership.listenAddr,
      credentials,
      maxReceiveMessageLength: MAX_NODE_MESSAGE_LENGTH,
      maxSendMessageLength: MAX_MESSAGE_LENGTH,
      channelOptions: serverOptions,
    },
  });
  await app.startAllMicroservices();
  rmSync(config.managerSocket, { force: true });
  await app.listen(config.managerSocket);
  app.get(Liveness).start(heartbeatOf(cluster.spec));
  app.get(LoopRunner).start(LOOPS);
  logger.log(`manages cluster ${cluster.id} on ${membership.listenAddr}`, 'manager');

  const stop = async () => {
    app.get(LoopRunner).stop();
    credentials.close();
    await app.close();
    await store.close();
    process.exit(0);
  };
  let stopping = false;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (stopping) return;
      stopping = true;
      stop().catch((error: unknown) => {
        logger.error(`the manager did not stop cleanly: ${messageOf(error)}`, 'manager');
        process.exit(1);
      });
    });
  }
}

main().catch((error: unknown) => endUnstarted('manager', error));
