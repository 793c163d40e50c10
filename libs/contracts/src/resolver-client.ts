import { credentials, loadPackageDefinition, status, type ServiceError } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { SkepError, type ErrorCode } from '#lib/common';
import type { ProtoGrpcType } from './generated/resolver.js';
import type { Applied } from './generated/skep/resolver/v1/Applied.js';
import type { ChangesInput } from './generated/skep/resolver/v1/Changes.js';
import type { Explanation } from './generated/skep/resolver/v1/Explanation.js';
import type { QuestionInput } from './generated/skep/resolver/v1/Question.js';
import type { State } from './generated/skep/resolver/v1/State.js';
import { MAX_MESSAGE_LENGTH, PROTO_LOADER_OPTIONS, RESOLVER_PROTO } from './proto.js';

/** Every method fails with a SkepError: `unavailable` while the resolver is away, `timeout` after the deadline. */
export interface ResolverClient {
  /** Resolves once the sockets asked for listen and the new answers are live. */
  apply(changes: ChangesInput): Promise<Applied>;
  getState(): Promise<State>;
  explain(question: QuestionInput): Promise<Explanation>;
  /** Prometheus text */
  getMetrics(): Promise<string>;
  close(): void;
}

type Callback<T> = (error: ServiceError | null, value?: T) => void;

const ERROR_CODES: Partial<Record<number, ErrorCode>> = {
  [status.UNAVAILABLE]: 'unavailable',
  [status.DEADLINE_EXCEEDED]: 'timeout',
  [status.NOT_FOUND]: 'not_found',
  [status.INVALID_ARGUMENT]: 'invalid',
  [status.UNIMPLEMENTED]: 'unsupported',
  [status.RESOURCE_EXHAUSTED]: 'exhausted',
};

/**
 * A client of the resolver that listens on a unix socket. It connects when it is first used and reconnects quickly,
 * because the resolver is back within a second after it died.
 *
 * @param deadlineMs of one call
 */
export function createResolverClient(socketPath: string, deadlineMs = 10_000): ResolverClient {
  const definition = loadSync(RESOLVER_PROTO, PROTO_LOADER_OPTIONS);
  const { skep } = loadPackageDefinition(definition) as unknown as ProtoGrpcType;
  const client = new skep.resolver.v1.Resolver(`unix:${socketPath}`, credentials.createInsecure(), {
    'grpc.initial_reconnect_backoff_ms': 50,
    'grpc.max_reconnect_backoff_ms': 200,
    'grpc.max_receive_message_length': MAX_MESSAGE_LENGTH,
    'grpc.max_send_message_length': MAX_MESSAGE_LENGTH,
  });

  const call = <T>(method: string, start: (options: { deadline: number }, done: Callback<T>) => void): Promise<T> =>
    new Promise((resolve, reject) => {
      start({ deadline: Date.now() + deadlineMs }, (error, value) => {
        if (!error) return resolve(value!);
        const code = ERROR_CODES[error.code] ?? 'internal';
        const message = `the resolver at ${socketPath}: ${method}: ${error.details || error.message}`;
        reject(new SkepError(code, message, { cause: error }));
      });
    });

  return {
    apply: (changes) => call<Applied>('Apply', (options, done) => client.apply(changes, options, done)),
    getState: () => call<State>('GetState', (options, done) => client.getState({}, options, done)),
    explain: (question) => call<Explanation>('Explain', (options, done) => client.explain(question, options, done)),
    getMetrics: async () => {
      const { text } = await call<{ text: string }>('GetMetrics', (o, done) => client.getMetrics({}, o, done));
      return text;
    },
    close: () => client.close(),
  };
}
