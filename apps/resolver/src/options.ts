import { parseArgs } from 'node:util';
import { invalid } from '#lib/common';
import type { LogLevel } from '#lib/contracts';

export interface ResolverOptions {
  /** unix socket of the gRPC service */
  socket: string;
  /** file that holds what the resolver knows */
  state: string;
  logLevel: LogLevel;
}

/** Flags, else `SKEP_RESOLVER_SOCKET`, `SKEP_RESOLVER_STATE`, `SKEP_LOG_LEVEL`, else the node's usual places. */
export function resolverOptions(argv: string[], env: NodeJS.ProcessEnv): ResolverOptions {
  const { values } = parseArgs({
    args: argv,
    options: { socket: { type: 'string' }, state: { type: 'string' }, 'log-level': { type: 'string' } },
  });
  const logLevel = values['log-level'] ?? env.SKEP_LOG_LEVEL ?? 'info';
  if (!isLogLevel(logLevel)) throw invalid(`log level "${logLevel}": one of ${LOG_LEVELS.join(', ')}`);
  return {
    socket: values.socket ?? env.SKEP_RESOLVER_SOCKET ?? '/run/skep/resolver.sock',
    state: values.state ?? env.SKEP_RESOLVER_STATE ?? '/run/skep/resolver-state.json',
    logLevel,
  };
}

/** Not from contracts' index, which loads gRPC: containers wait for a resolver that starts again. */
const LOG_LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error', 'fatal'];

const isLogLevel = (text: string): text is LogLevel => (LOG_LEVELS as readonly string[]).includes(text);
