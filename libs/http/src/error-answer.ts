import { HttpException, Logger } from '@nestjs/common';
import { SkepError, statusOfCode, type ErrorCode } from '#lib/common';

export interface ErrorAnswer {
  status: number;
  body: { message: string; code: ErrorCode };
}

const log = new Logger('api');

/** The edge, for every way that a request can take: errors become a status and a body; faults of ours are logged, once. */
export function answerTo(error: unknown): ErrorAnswer {
  if (SkepError.is(error)) {
    const status = statusOfCode(error.code);
    if (status >= 500) log.warn(error.message);
    return { status, body: { message: error.message, code: error.code } };
  }
  if (error instanceof HttpException) {
    const status = error.getStatus();
    if (status === 404) return { status, body: { message: 'page not found', code: 'not_found' } };
    return { status, body: { message: error.message, code: 'invalid' } };
  }
  const { status = 500 } = error as { status?: number };
  if (status >= 500) log.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
  const message = error instanceof Error ? error.message : 'internal error';
  return { status, body: { message, code: status < 500 ? 'invalid' : 'internal' } };
}
