import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { Response } from 'express';
import { answerTo } from './error-answer.js';

/** What controllers and middleware throw becomes the answer. */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  catch(error: unknown, host: ArgumentsHost): void {
    const response = host.switchToHttp().getResponse<Response>();
    const { status, body } = answerTo(error);
    if (response.headersSent) {
      // What is cut off is not to look like all there is.
      if (!response.writableEnded) response.destroy();
      return;
    }
    // Docker's client takes nothing but this very type for an error's text.
    const text = JSON.stringify(body);
    response
      .writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) })
      .end(text);
  }
}
