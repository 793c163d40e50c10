import {
  credentials,
  loadPackageDefinition,
  status,
  type ChannelCredentials,
  type ClientDuplexStream,
  type ServiceError,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { SkepError, type ErrorCode } from '#lib/common';
import type { FromNodeInput } from '../generated/skep/swarm/v1/FromNode.js';
import type { Issued } from '../generated/skep/swarm/v1/Issued.js';
import type { LogMessageInput } from '../generated/skep/swarm/v1/LogMessage.js';
import type { LogTaken } from '../generated/skep/swarm/v1/LogTaken.js';
import type { ToNode } from '../generated/skep/swarm/v1/ToNode.js';
import type { ProtoGrpcType } from '../generated/swarm.js';
import { MAX_MESSAGE_LENGTH, PROTO_LOADER_OPTIONS, SWARM_PROTO } from '../proto.js';

/** PEM. */
export interface Credentials {
  root: string;
  certificate: string;
  key: string;
}

export type SessionStream = ClientDuplexStream<FromNodeInput, ToNode>;
export type LogStream = ClientDuplexStream<LogMessageInput, LogTaken>;

/** Errors are SkepErrors: `unavailable`, `unauthorized`, `forbidden`, `invalid`, `timeout`. */
export interface SwarmClient {
  issue(request: { request: string; token: string; availability: string }): Promise<Issued>;
  renew(request: string): Promise<Issued>;
  session(): SessionStream;
  publishLogs(): LogStream;
  close(): void;
}

const CODES: Partial<Record<number, ErrorCode>> = {
  [status.UNAVAILABLE]: 'unavailable',
  [status.DEADLINE_EXCEEDED]: 'timeout',
  [status.UNAUTHENTICATED]: 'unauthorized',
  [status.PERMISSION_DENIED]: 'forbidden',
  [status.INVALID_ARGUMENT]: 'invalid',
  [status.NOT_FOUND]: 'not_found',
  [status.ALREADY_EXISTS]: 'conflict',
  [status.ABORTED]: 'conflict',
  [status.UNIMPLEMENTED]: 'unsupported',
};

/** Of one call. Milliseconds. */
const DEADLINE = 15_000;

/**
 * A client of a manager. Who the manager is, its certificate says: it must be a manager's, below `root`.
 *
 * @param address `ADDRESS:PORT`
 * @param own without them the caller is nobody: only a certificate can be asked for
 * @param beatMs so often the manager is asked whether it is there, and after three times without an answer the session is over
 */
export function createSwarmClient(
  address: string,
  root: string,
  own?: Omit<Credentials, 'root'>,
  beatMs?: number,
): SwarmClient {
  const secure = own
    ? credentials.createSsl(Buffer.from(root), Buffer.from(own.key), Buffer.from(own.certificate))
    : credentials.createSsl(Buffer.from(root));
  const { ca, dispatcher, logs } = stubs(address, secure, beatMs);
  return {
    issue: (request) => call(address, (deadline, done) => ca.issue(request, { deadline }, done)),
    renew: (request) => call(address, (deadline, done) => ca.renew({ request }, { deadline }, done)),
    session: () => dispatcher.session(),
    publishLogs: () => logs.publish(),
    close: () => {
      ca.close();
      dispatcher.close();
      logs.close();
    },
  };
}

/** The root's certificate as the manager shows it: not to be trusted before its digest was compared with a token's. */
export async function fetchRoot(address: string): Promise<string> {
  const unverified = credentials.createSsl(null, null, null, {
    rejectUnauthorized: false,
    checkServerIdentity: () => undefined,
  });
  const { ca, dispatcher, logs } = stubs(address, unverified);
  try {
    const { certificate } = await call<{ certificate: string }>(address, (deadline, done) =>
      ca.getRoot({}, { deadline }, done),
    );
    return certificate;
  } finally {
    ca.close();
    dispatcher.close();
    logs.close();
  }
}

function stubs(address: string, secure: ChannelCredentials, beatMs?: number) {
  const { skep } = loadPackageDefinition(loadSync(SWARM_PROTO, PROTO_LOADER_OPTIONS)) as unknown as ProtoGrpcType;
  const options = {
    'grpc.ssl_target_name_override': 'swarm-manager',
    'grpc.default_authority': 'swarm-manager',
    'grpc.max_receive_message_length': MAX_MESSAGE_LENGTH,
    'grpc.max_send_message_length': MAX_MESSAGE_LENGTH,
    'grpc.initial_reconnect_backoff_ms': 100,
    'grpc.max_reconnect_backoff_ms': 2_000,
    // Else the next client would wait for what this one's connection waits for.
    'grpc.use_local_subchannel_pool': 1,
    // TCP alone repeats what is lost at ever longer intervals: after a minute without a link it takes most of another
    // until the other side hears something again.
    ...(beatMs !== undefined && { 'grpc.keepalive_time_ms': beatMs, 'grpc.keepalive_timeout_ms': 2 * beatMs }),
  };
  return {
    ca: new skep.swarm.v1.Ca(address, secure, options),
    dispatcher: new skep.swarm.v1.Dispatcher(address, secure, options),
    logs: new skep.swarm.v1.Logs(address, secure, options),
  };
}

function call<T>(
  address: string,
  start: (deadline: number, done: (error: ServiceError | null, value?: T) => void) => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    start(Date.now() + DEADLINE, (error, value) =>
      error ? reject(fromServiceError(address, error)) : resolve(value!),
    );
  });
}

export function fromServiceError(address: string, error: ServiceError): SkepError {
  const code = CODES[error.code] ?? 'internal';
  const words = error.details || error.message;
  return new SkepError(code, code === 'unavailable' ? `the manager at ${address} cannot be reached: ${words}` : words, {
    cause: error,
  });
}
