import 'reflect-metadata';
import { Logger } from '@nestjs/common';
import { messageOf } from '#lib/common';
import { createResolverClient, daemonConfigFromEnv } from '#lib/contracts';
import { openEngine } from './node/engine.js';
import { createHost } from '#lib/host';
import { openNodeStore } from '#lib/store';
import { createApplication } from './application.js';
import { isTcp, listen } from './http/listen.js';
import { endUnstarted, ProcessLogger } from '#lib/http';
import { mutualTls } from './http/mutual-tls.js';
import { Lifecycle } from './lifecycle.js';
import { databasePath } from './node/node.module.js';

async function main(): Promise<void> {
  // What is made for containers is read by users of their own; whatever is for root alone says so.
  process.umask(0o022);
  const config = daemonConfigFromEnv(process.env);
  const logger = new ProcessLogger('agent', config.logLevel);
  Logger.overrideLogger(logger);
  const store = await openNodeStore(databasePath(config));
  const host = createHost();
  const { engine, stop } = await openEngine(config);
  const resolver = createResolverClient(config.resolverSocket);
  const { app, createServer } = await createApplication({ config, store, host, engine, resolver }, logger);
  const lifecycle = app.get(Lifecycle);
  await lifecycle.start();
  const servers = await Promise.all(
    config.hosts.map(async (address) => {
      const server = createServer(isTcp(address) && config.tls ? mutualTls(config.tls) : undefined);
      await listen(server, address);
      return server;
    }),
  );
  const shutdown = async () => {
    for (const server of servers) {
      server.close();
      server.closeAllConnections();
    }
    await lifecycle.stop();
    await stop();
    await store.close();
    host.close();
    process.exit(0);
  };
  let stopping = false;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (stopping) return;
      stopping = true;
      shutdown().catch((error: unknown) => {
        logger.error(`the agent did not stop cleanly: ${messageOf(error)}`, 'agent');
        process.exit(1);
      });
    });
  }
}

main().catch((error: unknown) => endUnstarted('agent', error));
