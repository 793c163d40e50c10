import type { LoggerService } from '@nestjs/common';
import { pino, type Logger } from 'pino';

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

  private write(level: 'info' | 'warn' | 'error' | 'debug' | 'trace', message: unknown, rest: unknown[]): void {
    const stack = rest.length > 1 ? rest[0] : undefined;
    this.out[level]({ room: rest.at(-1), stack }, message instanceof Error ? message.message : String(message));
  }
}
