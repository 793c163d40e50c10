import { HttpException, Logger } from '@nestjs/common';
import { SkepError, type ErrorCode } from '#lib/common';

const STATUS: Record<ErrorCode, number> = {
  invalid: 400,
  unauthorized: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  unsupported: 501,
  unavailable: 503,
  exhausted: 500,
  timeout: 504,
  internal: 500,
};

export interface ErrorAnswer {
  status: number;
  body: { message: string; code: ErrorCode };
}

const log = new Logger('api');

/** The edge, for every way that a request can take: errors become a status and a body; faults of ours are logged, once. */
export function answerTo(error: unknown): ErrorAnswer {
  if (SkepError.is(error)) {
    if (STATUS[error.code] >= 500) log.warn(error.message);
    return { status: STATUS[error.code], body: { message: error.message, code: error.code } };
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
