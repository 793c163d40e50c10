import { once } from 'node:events';
import type { Request, Response } from 'express';
import { messageOf, SkepError } from '#lib/common';

/** Answers with one JSON value a line, as they come. The signal fires when the caller goes away. */
export class NdjsonStream<T> {
  private readonly controller = new AbortController();

  constructor(
    request: Request,
    private readonly response: Response,
  ) {
    if (response.destroyed) this.controller.abort();
    response.on('close', () => this.controller.abort());
    request.socket.setNoDelay?.(true);
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  readonly emit = (event: T): void => {
    if (this.signal.aborted) return;
    this.open();
    this.response.write(`${JSON.stringify(event)}\n`);
  };

  /** Resolves when the caller has taken enough of what was written, or is gone. */
  readonly drained = async (): Promise<void> => {
    if (!this.response.writableNeedDrain) return;
    await once(this.response, 'drain', { signal: this.signal }).catch(() => undefined);
  };

  end(): void {
    this.open();
    this.response.end();
  }

  private open(): void {
    if (!this.response.headersSent) this.response.status(200).setHeader('Content-Type', 'application/x-ndjson');
  }
}

export function failure(error: unknown): { type: 'result'; ok: false; code: string; message: string } {
  const code = SkepError.is(error) ? error.code : 'internal';
  return { type: 'result', ok: false, code, message: messageOf(error) };
}
