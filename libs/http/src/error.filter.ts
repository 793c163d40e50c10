import { Catch, HttpException, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { Response } from 'express';
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

/** The edge: errors become `{message, code}` with a status; faults of ours are logged here, once. */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  private readonly log = new Logger('api');

  catch(error: unknown, host: ArgumentsHost): void {
    const response = host.switchToHttp().getResponse<Response>();
    if (response.headersSent) {
      response.end();
      return;
    }
    if (SkepError.is(error)) {
      if (STATUS[error.code] >= 500) this.log.warn(error.message);
      answer(response, STATUS[error.code], error.message, error.code);
    } else if (error instanceof HttpException) {
      const status = error.getStatus();
      const message = status === 404 ? 'page not found' : error.message;
      answer(response, status, message, status === 404 ? 'not_found' : 'invalid');
    } else {
      this.log.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
      const status = (error as { status?: number } | undefined)?.status;
      const message = error instanceof Error ? error.message : 'internal error';
      answer(response, status ?? 500, message, status && status < 500 ? 'invalid' : 'internal');
    }
  }
}

/** The docker CLI reads the message only where the content type is `application/json` and no charset follows. */
function answer(response: Response, status: number, message: string, code: string): void {
  response.status(status).setHeader('Content-Type', 'application/json');
  response.end(JSON.stringify({ message, code }));
}
