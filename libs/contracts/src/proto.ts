import type { Options } from '@grpc/proto-loader';
import { fileURLToPath } from 'node:url';

/** The agreement between agent and resolver. It lies beside this module, in the sources and in the build alike. */
export const RESOLVER_PROTO = fileURLToPath(new URL('resolver.proto', import.meta.url));

export const RESOLVER_PACKAGE = 'skep.resolver.v1';

/**
 * How messages look in JavaScript: camelCase, 64-bit numbers as numbers, and every field of a received message is
 * there. tools/generate-contracts.mjs makes the types by the same choices.
 */
export const PROTO_LOADER_OPTIONS = {
  longs: Number,
  enums: String,
  defaults: true,
  arrays: true,
  objects: true,
} satisfies Options;

/** Bytes. A full Apply of a node with thousands of endpoints is larger than gRPC's own limit of 4 MiB. */
export const MAX_MESSAGE_LENGTH = 64 * 1024 * 1024;

/** Bytes, of what a node sends to the manager: states, its own description, parts of logs. */
export const MAX_NODE_MESSAGE_LENGTH = 4 * 1024 * 1024;

/** The agreement between the nodes of a cluster and its manager. */
export const SWARM_PROTO = fileURLToPath(new URL('swarm.proto', import.meta.url));

export const SWARM_PACKAGE = 'skep.swarm.v1';
