import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { pipeline, Readable } from 'node:stream';
import { text as textOf } from 'node:stream/consumers';
import { codeOfStatus, SkepError } from '#lib/common';
import { codeByWords } from './errors.js';

/** A request to an engine's own API, in Docker's paths without a version. */
export interface EngineCall {
  method: 'GET' | 'HEAD' | 'POST' | 'DELETE';
  /** without version */
  path: string;
  /** what is undefined is left out */
  query?: Record<string, string | readonly string[] | undefined>;
  headers?: Record<string, string>;
  /** JSON, or a stream that is passed on as it comes */
  body?: object;
  signal?: AbortSignal;
  /** Docker's words for a 404, in place of the engine's */
  missing?: string;
}

/** What every engine speaks. */
export const ENGINE_VERSION = '/v1.41';

/**
 * The engine's answer, its body unread. An answer of 400 and above is an error: the engine's own words, and the code
 * that they or the status stand for. `unavailable` when the engine does not answer.
 */
export async function callEngine(socketPath: string, call: EngineCall): Promise<IncomingMessage> {
  const answer = await exchange(socketPath, call);
  const status = answer.statusCode ?? 500;
  if (status < 400) return call.method === 'HEAD' ? answer.resume() : answer;
  const words = wordsIn(await textOf(answer));
  if (status === 404 && call.missing) throw new SkepError('not_found', call.missing);
  throw new SkepError(codeOfStatus(status) ?? codeByWords(words), words);
}

/** The answer as JSON. */
export async function askEngine<T>(socketPath: string, call: EngineCall): Promise<T> {
  return JSON.parse(await textOf(await callEngine(socketPath, call))) as T;
}

async function exchange(socketPath: string, call: EngineCall): Promise<IncomingMessage> {
  const { method, path, headers = {}, body, signal } = call;
  const json = body && !(body instanceof Readable) ? JSON.stringify(body) : undefined;
  const upstream = request({
    socketPath,
    method,
    path: `${ENGINE_VERSION}${path}${queryOf(call.query)}`,
    headers: { ...headers, ...(json !== undefined && { 'Content-Type': 'application/json' }) },
    signal,
    // A kept connection may have been closed by the engine meanwhile, and a body cannot be sent twice.
    agent: false,
  });
  const answered = once(upstream, 'response') as Promise<[IncomingMessage]>;
  // An engine that refuses may answer, and close, before it has read everything; the answer is what counts.
  if (body instanceof Readable) pipeline(body, upstream, () => undefined);
  else upstream.end(json);
  try {
    const [answer] = await answered;
    upstream.on('error', () => undefined);
    return answer;
  } catch (error) {
    if (signal?.aborted) throw new SkepError('timeout', `${method} ${path}: given up`, { cause: error });
    const why = error instanceof Error ? error.message : String(error);
    throw new SkepError('unavailable', `the container engine does not answer: ${why}`, { cause: error });
  }
}

function queryOf(given: EngineCall['query'] = {}): string {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(given)) {
    for (const one of value === undefined ? [] : [value].flat()) query.append(key, one);
  }
  return query.size === 0 ? '' : `?${query.toString()}`;
}

function wordsIn(body: string): string {
  try {
    const { message } = JSON.parse(body) as { message?: string };
    if (message) return message.trim();
  } catch {
    // not JSON: as it is
  }
  return body.trim() || 'the container engine gave no reason';
}
