import type { Response } from 'express';
import { messageOf } from '#lib/common';
import type { EngineMessage } from '#lib/engine';

/** One message of a pull, push, build, load or import, as clients print it. */
export interface Message extends EngineMessage {
  progressDetail?: { current?: number; total?: number };
  errorDetail?: { message?: string; code?: number };
  aux?: Record<string, unknown>;
}

/**
 * Sends messages as they come. What is thrown before the first one is the request's refusal, with a status of its own;
 * later it is a message itself.
 */
export async function sendMessages(response: Response, messages: AsyncIterable<Message>): Promise<void> {
  try {
    for await (const message of messages) {
      if (response.destroyed) return;
      if (!response.headersSent) response.status(200).setHeader('Content-Type', 'application/json');
      response.write(`${JSON.stringify(message)}\r\n`);
    }
  } catch (error) {
    if (!response.headersSent) throw error;
    const message = messageOf(error);
    response.write(`${JSON.stringify({ errorDetail: { message }, error: message })}\r\n`);
  }
  response.end();
}
