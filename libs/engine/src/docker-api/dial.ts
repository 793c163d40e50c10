import type { Readable } from 'node:stream';
import type Docker from 'dockerode';

interface Request {
  method: 'GET' | 'POST' | 'DELETE';
  /** without version and query */
  path: string;
  query?: Record<string, string | string[]>;
  /** the request's body */
  json?: object;
  /** the request's body, as `application/x-tar` */
  tar?: Readable;
  headers?: Record<string, string>;
  /** the answer as a stream, not as parsed JSON */
  stream?: boolean;
  signal?: AbortSignal;
}

const OK = { 200: true, 201: true, 204: true } as const;

/** A request that dockerode has no method for, or whose answer it would gather in memory. */
export function dial<T>(docker: Docker, request: Request): Promise<T> {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(request.query ?? {})) {
    for (const one of [value].flat()) query.append(key, one);
  }
  return new Promise<T>((resolve, reject) => {
    docker.modem.dial(
      {
        method: request.method,
        // The modem takes off the last character of a path with a query and no options.
        path: request.query ? `${request.path}?${query.toString()}&` : request.path,
        isStream: request.stream ?? false,
        abortSignal: request.signal,
        options: request.json,
        allowEmpty: request.json !== undefined,
        statusCodes: OK,
        headers: { ...request.headers, ...(request.tar && { 'Content-Type': 'application/x-tar' }) },
        ...(request.tar && { file: request.tar }),
      },
      (error: unknown, answer: unknown) => (error ? reject(error) : resolve(answer as T)),
    );
  });
}
