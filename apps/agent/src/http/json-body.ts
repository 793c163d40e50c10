import type { IncomingHttpHeaders } from 'node:http';
import type { NextFunction, Request, Response } from 'express';
import { invalid, messageOf, type SkepError } from '#lib/common';
import { bodyOf } from './bodies.js';

/**
 * Reads JSON bodies of at most `limit` bytes. What says that it is something else is left to whom it is for; a handler
 * that asks for JSON there is refused in Docker's words.
 */
export function jsonBody(limit: number) {
  return async (request: Request, _response: Response, next: NextFunction): Promise<void> => {
    if (!Object.hasOwn(request, 'body')) {
      const refusal = notJson(request.headers);
      if (refusal === undefined) {
        const body = await bodyOf(request, limit);
        request.body = body.length === 0 ? {} : parsed(body);
      } else if (hasBody(request.headers)) {
        Object.defineProperty(request, 'body', {
          get() {
            throw refusal;
          },
        });
      }
    }
    next();
  };
}

/** Why a body with these headers is not taken for JSON; undefined: it is JSON. */
export function notJson(headers: IncomingHttpHeaders): SkepError | undefined {
  const given = headers['content-type'] ?? '';
  const type = given.split(';')[0]!.trim().toLowerCase();
  if (type === 'application/json') return undefined;
  if (type === '') return invalid(`malformed Content-Type header (${given}): mime: no media type`);
  return invalid(`unsupported Content-Type header (${given.slice(0, 100)}): must be 'application/json'`);
}

function hasBody(headers: IncomingHttpHeaders): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
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
