import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import { Logger, type LoggerService } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter, type NestExpressApplication } from '@nestjs/platform-express';
import express from 'express';
import { apiVersion, ErrorFilter } from '#lib/http';
import { AgentModule } from './agent.module.js';
import { Passthrough } from './engine-api/passthrough/passthrough.js';
import { jsonBody } from './http/json-body.js';
import { refuseUnreadable, SERVER_LIMITS } from './http/limits.js';
import { ManagerClient } from './membership/manager-client.js';
import type { NodeParts } from './node/node.module.js';

/** Canonical models of large projects are a few megabytes; more is no Compose file. */
const MODEL_LIMIT = 32 << 20;
/** What Docker's clients send as JSON is far smaller. */
const BODY_LIMIT = 4 << 20;

export interface Application {
  app: NestExpressApplication;
  /** a server for one more address, with TLS where it is told how; all share one application */
  createServer(tls?: ServerOptions): Server;
}

/** The agent's application, initialised and not yet listening. */
export async function createApplication(parts: NodeParts, logger: LoggerService): Promise<Application> {
  Logger.overrideLogger(logger);
  const instance = express();
  instance.disable('x-powered-by');
  instance.disable('etag');
  const app = await NestFactory.create<NestExpressApplication>(AgentModule.on(parts), new ExpressAdapter(instance), {
    logger,
    bodyParser: false,
    abortOnError: false,
  });
  const passthrough = app.get(Passthrough);
  instance.use(apiVersion);
  const manager = app.get(ManagerClient);
  instance.use((request, response, next) => manager.offer(request, response, next));
  instance.use((request, response, next) => {
    void passthrough.offer(request, response, next);
  });
  instance.use('/skep', jsonBody(MODEL_LIMIT));
  instance.use(jsonBody(BODY_LIMIT));
  app.useGlobalFilters(new ErrorFilter());
  await app.init();
  return {
    app,
    createServer: (tls) => {
      const server = tls
        ? createTlsServer({ ...SERVER_LIMITS, ...tls }, instance)
        : createServer(SERVER_LIMITS, instance);
      refuseUnreadable(server);
      passthrough.listen(server);
      return server;
    },
  };
}
