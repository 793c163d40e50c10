import type { Socket } from 'node:net';
import { invalid, unavailable } from '#lib/common';

const HEAD_LIMIT = 64 * 1024;

export interface Head {
  status: number;
  /** names in lower case */
  headers: Record<string, string>;
}

/** Reads an HTTP/1 answer's head from a connection, which is left paused behind it with what came with it unread. */
export function readHead(socket: Socket): Promise<Head> {
  return new Promise((resolve, reject) => {
    let seen: Buffer = Buffer.alloc(0);
    const done = () => socket.off('data', take).off('end', cut).off('error', fail).off('close', cut);
    const fail = (error: Error) => {
      done();
      reject(unavailable(`the container engine does not answer: ${error.message}`, error));
    };
    const cut = () => fail(new Error('it closed the connection'));
    const take = (chunk: Buffer) => {
      seen = Buffer.concat([seen, chunk]);
      const end = seen.indexOf('\r\n\r\n');
      if (end < 0) {
        if (seen.length > HEAD_LIMIT) fail(new Error('its headers are too large'));
        return;
      }
      socket.pause();
      done();
      putBack(socket, seen.subarray(end + 4));
      resolve(parse(seen.subarray(0, end).toString('latin1')));
    };
    socket.on('data', take).on('end', cut).on('error', fail).on('close', cut);
  });
}

function parse(text: string): Head {
  const [first = '', ...lines] = text.split('\r\n');
  const headers = lines.map((line) => {
    const at = line.indexOf(':');
    return [line.slice(0, at).toLowerCase(), line.slice(at + 1).trim()] as const;
  });
  return { status: Number(/^HTTP\/1\.\d (\d{3})/.exec(first)?.[1] ?? 0), headers: Object.fromEntries(headers) };
}

/**
 * The body of a request whose connection is to be hijacked: exactly as long as its headers say. The connection is left
 * paused behind it.
 */
export function readBody(socket: Socket, head: Buffer, length: number, ms: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let seen = head;
    const done = () => {
      clearTimeout(timer);
      socket.off('data', take).off('end', cut).off('error', cut).off('close', cut);
    };
    const fail = (message: string) => {
      done();
      reject(invalid(message));
    };
    const cut = () => fail(`the request's body ended after ${seen.length} of ${length} bytes`);
    const timer = setTimeout(() => fail(`the request's body did not come within ${ms / 1000} s`), ms);
    const take = (chunk: Buffer) => {
      seen = seen.length === 0 ? chunk : Buffer.concat([seen, chunk]);
      if (seen.length < length) return;
      socket.pause();
      done();
      putBack(socket, seen.subarray(length));
      resolve(seen.subarray(0, length));
    };
    socket.on('data', take).on('end', cut).on('error', cut).on('close', cut);
    take(Buffer.alloc(0));
  });
}

/** At once: a stream that has nothing left to read may end before anybody looks at it, and then takes nothing back. */
function putBack(socket: Socket, rest: Buffer): void {
  if (rest.length > 0) socket.unshift(rest);
}
