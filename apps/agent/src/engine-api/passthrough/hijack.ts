import { connect, type Socket } from 'node:net';
import type { Forwarded } from './forward.js';
import { refusalOf } from './refusals.js';
import { readHead } from './upgrade-head.js';

/** How long a client may take to close its side when the stream has ended. */
const LINGER_MS = 10_000;
/** An error of the engine is a few lines. */
const REFUSAL_LIMIT = 64 * 1024;

/** A raw stream of the engine, both ways, which has not been read from. */
export interface RawStream {
  socket: Socket;
  contentType: string;
}

/** Asks the engine for a raw stream. Rejects with what the engine has against it. */
export async function openRaw({ route, call, socketPath, path, body }: Forwarded): Promise<RawStream> {
  const socket = connect({ path: socketPath, allowHalfOpen: true });
  try {
    const content = body?.length ? `Content-Type: application/json\r\n` : '';
    socket.write(
      `${call.method} ${path} HTTP/1.1\r\nHost: engine\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n` +
        `${content}Content-Length: ${body?.length ?? 0}\r\n\r\n`,
    );
    if (body?.length) socket.write(body);
    const head = await readHead(socket);
    if (head.status >= 300 || head.status === 0) {
      throw refusalOf(head.status, await refusalBody(socket, head.rest, head.headers), route, call);
    }
    if (head.rest.length > 0) socket.unshift(head.rest);
    return { socket, contentType: head.headers['content-type'] ?? 'application/vnd.docker.raw-stream' };
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

/**
 * Joins a client's connection to the engine's. A client that closes its sending side still gets the output; the end of
 * the output ends both.
 */
export function join(client: Socket, engine: Socket): void {
  let over = false;
  const finish = () => {
    if (over) return;
    over = true;
    client.unpipe(engine);
    engine.destroy();
    // What the client still sends is taken and dropped: closing with unread data would be a reset to it.
    client.resume();
    client.end();
    const late = setTimeout(() => client.destroy(), LINGER_MS).unref();
    client.once('close', () => clearTimeout(late));
  };
  const abandon = () => {
    over = true;
    engine.destroy();
    client.destroy();
  };
  engine.on('end', finish).on('close', finish).on('error', finish);
  client.on('error', abandon).on('close', abandon);
  engine.pipe(client, { end: false });
  client.pipe(engine);
}

async function refusalBody(socket: Socket, rest: Buffer, headers: Record<string, string>): Promise<Buffer> {
  const length = Math.min(Number(headers['content-length'] ?? 0), REFUSAL_LIMIT);
  let body = rest;
  if (body.length < length) {
    for await (const chunk of socket) {
      body = Buffer.concat([body, chunk as Buffer]);
      if (body.length >= length) break;
    }
  }
  return body.subarray(0, length);
}
