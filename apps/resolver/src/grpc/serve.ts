import 'reflect-metadata';
import { mkdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { NestFactory } from '@nestjs/core';
import { Transport, type MicroserviceOptions } from '@nestjs/microservices';
import { MAX_MESSAGE_LENGTH, PROTO_LOADER_OPTIONS, RESOLVER_PACKAGE, RESOLVER_PROTO } from '#lib/contracts';
import type { Resolver } from '../resolver.js';
import { ResolverModule } from './resolver.module.js';

/** Listens for the agent on a unix socket, in place of whoever listened there before. */
export async function serveGrpc(resolver: Resolver, socketPath: string): Promise<{ close(): Promise<void> }> {
  mkdirSync(dirname(socketPath), { recursive: true });
  rmSync(socketPath, { force: true });
  const app = await NestFactory.createMicroservice<MicroserviceOptions>(ResolverModule.of(resolver), {
    transport: Transport.GRPC,
    logger: ['error', 'warn'],
    options: {
      package: RESOLVER_PACKAGE,
      protoPath: RESOLVER_PROTO,
      loader: PROTO_LOADER_OPTIONS,
      url: `unix:${socketPath}`,
      maxReceiveMessageLength: MAX_MESSAGE_LENGTH,
      maxSendMessageLength: MAX_MESSAGE_LENGTH,
    },
  });
  await app.listen();
  return app;
}
