import { request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { invalid, unavailable } from '#lib/common';
import { answerOf } from '../../http/bodies.js';
import { answerHeaders, requestHeaders } from './headers.js';
import { changedLines } from './lines.js';
import { refusalOf } from './refusals.js';
import type { Ask, Call, Route } from './route.js';

export interface Forwarded {
  route: Route;
  call: Call;
  socketPath: string;
  /** on the engine, with version and query */
  path: string;
  /** undefined: the client's is streamed */
  body: Buffer | undefined;
  /** as in `Ask` */
  before: Ask['before'];
  over: boolean;
}

/**
 * Asks the engine, and answers with what it says: bytes go through as they come, as fast as the slower side takes them.
 * Either side's end is the other's. Rejects only while the client can still be told.
 */
export async function forward(request: IncomingMessage, response: ServerResponse, to: Forwarded): Promise<void> {
  const answer = await ask(request, response, to);
  const { route, call } = to;
  const status = answer.statusCode ?? 502;
  if (status >= 400) throw refusalOf(status, await answerOf(answer), route, call);
  route.opened?.(call);
  const kept = answerHeaders(answer.headers);
  const headers = route.headers?.(kept, call) ?? kept;
  if (route.answer && status !== 204) {
    const changed = JSON.stringify(await route.answer(JSON.parse((await answerOf(answer)).toString('utf8')), call));
    response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(changed) }).end(changed);
    return;
  }
  const through = route.body?.(headers, call);
  const length = route.line || through ? undefined : answer.headers['content-length'];
  response.writeHead(status, { ...headers, ...(length !== undefined && { 'content-length': length }) });
  // Clients that follow something wait for the headers.
  response.flushHeaders();
  const changed = route.line ? changedLines((json) => route.line!(json, call)) : through;
  const source = changed ? answer.pipe(changed) : answer;
  answer.on('error', () => response.destroy());
  source.on('error', () => response.destroy());
  source.pipe(response);
}

/** The engine's answer when its headers are there. */
function ask(request: IncomingMessage, response: ServerResponse, to: Forwarded): Promise<IncomingMessage> {
  const headers = requestHeaders(request.headers);
  const length = to.body?.length ?? request.headers['content-length'];
  if (length !== undefined && !(length === 0 && to.call.method === 'GET')) headers['content-length'] = length;
  return new Promise((resolve, reject) => {
    // A kept connection may have been closed by the engine meanwhile, and a body cannot be sent twice.
    const options = {
      socketPath: to.socketPath,
      path: to.path,
      method: to.call.method,
      headers,
      agent: false as const,
    };
    const upstream = httpRequest(options, resolve);
    // An engine that has answered may close while the rest of a body is still on its way.
    upstream.on('error', (error) => {
      request.unpipe(upstream);
      reject(to.body === undefined && isCut(error) ? notRead(error) : away(error));
    });
    response.on('close', () => {
      if (!response.writableFinished) upstream.destroy();
    });
    if (to.body) upstream.end(to.body);
    else request.pipe(upstream);
  });
}

/** An engine that refuses what is streamed to it may close before its answer has been read. */
const isCut = ({ code }: NodeJS.ErrnoException) => code === 'EPIPE' || code === 'ECONNRESET';

const notRead = (error: Error) => invalid('the container engine refused the body before its end', error);
const away = (error: Error) => unavailable(`the container engine does not answer: ${error.message}`, error);
