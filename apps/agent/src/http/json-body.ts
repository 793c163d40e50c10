import type { NextFunction, Request, Response } from 'express';
import { invalid, messageOf } from '#lib/common';
import { bodyOf } from './bodies.js';

/** Reads JSON bodies of at most `limit` bytes; what says that it is something else is left to whom it is for. */
export function jsonBody(limit: number) {
  return async (request: Request, _response: Response, next: NextFunction): Promise<void> => {
    if (request.body === undefined && /^application\/json\b/i.test(request.headers['content-type'] ?? '')) {
      const body = await bodyOf(request, limit);
      request.body = body.length === 0 ? {} : parsed(body);
    }
    next();
  };
}

/** Objects only: no request of ours is anything else. */
export function parsed(body: Buffer): object {
  let json: unknown;
  try {
    json = JSON.parse(body.toString('utf8'));
  } catch (error) {
    throw invalid(`invalid JSON: ${messageOf(error)}`, error);
  }
  if (json !== null && typeof json === 'object' && !Array.isArray(json)) return json;
  throw invalid('invalid JSON: an object is expected');
}
