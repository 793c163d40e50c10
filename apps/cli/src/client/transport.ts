import { type ClientRequest, type IncomingMessage, type RequestOptions, request } from 'node:http';
import { request as secureRequest } from 'node:https';
import type { Readable } from 'node:stream';
import { text as textOf } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { codeOfStatus, type ErrorCode, SkepError, unavailable } from '#lib/common';
import type { RegistryAuth } from '#lib/contracts';
import type { Address } from './address.js';

export interface Send {
  method: 'GET' | 'POST' | 'DELETE';
  path: string;
  /** sent as JSON, or as it is when it is a stream */
  body?: unknown;
  stream?: Readable;
  /** who asks for what a registry has: `X-Registry-Auth` */
  auth?: RegistryAuth | undefined;
  signal?: AbortSignal;
}

/** One request on a connection of its own. Resolves with the head of a successful answer; everything else is a SkepError. */
export async function send(address: Address, options: Send): Promise<IncomingMessage> {
  const json = options.body === undefined ? undefined : Buffer.from(JSON.stringify(options.body));
  const outgoing = open(address, {
    method: options.method,
    path: options.path,
    signal: options.signal,
    headers: {
      ...(json && { 'Content-Type': 'application/json', 'Content-Length': json.length }),
      ...(options.stream && { 'Content-Type': 'application/x-tar' }),
      ...(options.auth && {
        'X-Registry-Auth': Buffer.from(JSON.stringify(options.auth)).toString('base64url'),
      }),
    },
  });
  const answered = answerOf(outgoing, address);
  if (options.stream) {
    // A daemon that refuses early closes its side while we still write: what counts is its answer, not our write.
    pipeline(options.stream, outgoing).catch(() => {});
  } else {
    outgoing.end(json);
  }
  return checked(await answered, address);
}

/** Opens a request on a connection that serves nothing else, so that none lingers when the command is done. */
export function open(address: Address, options: RequestOptions): ClientRequest {
  if ('socketPath' in address) return request({ socketPath: address.socketPath, agent: false, ...options });
  const { host, port, tls } = address;
  const where = { host, port, agent: false as const, ...options };
  return tls ? secureRequest({ ...where, ...tls }) : request(where);
}

function answerOf(outgoing: ClientRequest, address: Address): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    outgoing.once('response', resolve);
    outgoing.on('error', (error) => reject(unreachable(error, address)));
  });
}

/** Passes a successful answer on; turns any other into the error that its body words. */
export async function checked(answer: IncomingMessage, address: Address): Promise<IncomingMessage> {
  const status = answer.statusCode ?? 0;
  if (status < 400) return answer;
  const text = await textOf(answer);
  const { message, code } = fields(text);
  if (message === undefined || (status === 404 && /^page not found/i.test(message))) {
    throw unavailable(
      `${address.text} does not answer as a skep daemon does (HTTP ${status} for ${answer.url || 'the request'}); ` +
        'name one with --host or SKEP_HOST',
    );
  }
  throw new SkepError((code as ErrorCode | undefined) ?? codeOf(status), message);
}

function fields(text: string): { message?: string; code?: string } {
  try {
    const body = JSON.parse(text) as { message?: unknown; code?: unknown } | null;
    return {
      ...(typeof body?.message === 'string' && { message: body.message }),
      ...(typeof body?.code === 'string' && { code: body.code }),
    };
  } catch {
    return {};
  }
}

function codeOf(status: number): ErrorCode {
  return codeOfStatus(status) ?? (status < 500 ? 'invalid' : 'internal');
}

/** A connection that failed, in words that say what to do. */
export function unreachable(error: NodeJS.ErrnoException, address: Address): Error {
  if (error.name === 'AbortError' || SkepError.is(error)) return error;
  const start = 'start it with "skep daemon", or name another with --host or SKEP_HOST';
  const bare = 'host' in address && !address.tls;
  const want = bare ? '; a daemon on TCP wants to see a certificate: --tlsverify, or DOCKER_TLS_VERIFY' : '';
  const why: Record<string, string> = {
    ENOENT: `no daemon at ${address.text} (there is no such socket): ${start}`,
    ECONNREFUSED: `no daemon at ${address.text} (nobody listens there): ${start}`,
    EACCES: `no permission for ${address.text}: run as root, or as a member of the group that owns the socket (skep)`,
    ENOTSOCK: `${address.text} is not a socket: name the daemon's with --host or SKEP_HOST`,
    ECONNRESET: `the daemon at ${address.text} went away while it answered: what it has said is not complete${want}`,
    EPIPE: `the daemon at ${address.text} went away while it was asked${want}`,
  };
  return unavailable(
    why[error.code ?? ''] ?? `the daemon at ${address.text} cannot be reached: ${error.message}${want}`,
    error,
  );
}

/** Errors of the connection as `unreachable` words them; others as they are. */
export function asUnreachable(error: unknown, address: Address): unknown {
  return error instanceof Error && 'code' in error ? unreachable(error as NodeJS.ErrnoException, address) : error;
}
