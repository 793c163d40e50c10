import type { LoggerService } from '@nestjs/common';
import { pino, type Logger } from 'pino';
import { messageOf, SkepError } from '#lib/common';

/** What Nest itself says at start is of use to those who look for it only. */
const FRAMEWORK = new Set(['NestFactory', 'InstanceLoader', 'RoutesResolver', 'RouterExplorer', 'NestApplication']);

/** Nest's logger on pino: JSON lines on standard error, each with the room it comes from. */
export class ProcessLogger implements LoggerService {
  private readonly out: Logger;

  constructor(process: string, level: string) {
    this.out = pino({ level, base: { process } }, pino.destination({ fd: 2, sync: true }));
  }

  log(message: unknown, ...rest: unknown[]): void {
    this.write(FRAMEWORK.has(String(rest.at(-1))) ? 'debug' : 'info', message, rest);
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.write('warn', message, rest);
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.write('error', message, rest);
  }

  debug(message: unknown, ...rest: unknown[]): void {
    this.write('debug', message, rest);
  }

  verbose(message: unknown, ...rest: unknown[]): void {
    this.write('trace', message, rest);
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    this.write('fatal', message, rest);
  }

  private write(
    level: 'info' | 'warn' | 'error' | 'fatal' | 'debug' | 'trace',
    message: unknown,
    rest: unknown[],
  ): void {
    const stack = rest.length > 1 ? rest[0] : undefined;
    this.out[level]({ room: rest.at(-1), stack }, message instanceof Error ? message.message : String(message));
  }
}

/** Ends a process of the node that could not start: it says why at every log level, as its configuration may be the cause. */
export function endUnstarted(name: string, error: unknown): never {
  const stack = error instanceof Error && !SkepError.is(error) ? error.stack : undefined;
  new ProcessLogger(name, 'fatal').fatal(`the ${name} cannot start: ${messageOf(error)}`, stack, name);
  process.exit(1);
}
