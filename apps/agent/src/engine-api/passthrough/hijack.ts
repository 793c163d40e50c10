import { connect, type Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { Forwarded } from './forward.js';
import { refusalOf } from './refusals.js';
import { untilKeys } from './detach-keys.js';
import { readHead } from './upgrade-head.js';

/** How long a client may take to close its side when the stream has ended. */
const LINGER_MS = 10_000;
/** How often a client that sends no more is asked whether it is still there. */
const PROBE_MS = 2_000;
/** So much of what a client sends is kept for a stream that has not begun. */
const EARLY_LIMIT = 64 * 1024;
/** An error of the engine is a few lines. */
const REFUSAL_LIMIT = 64 * 1024;

/** Asks the engine for a raw stream, both ways, which has not been read from. Rejects with what the engine has against it. */
export async function openRaw({ route, call, socketPath, path, body }: Forwarded): Promise<Socket> {
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
      throw refusalOf(head.status, await refusalBody(socket, head.headers), route, call);
    }
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

/** Sends an answer of the engine to a client, whose stream goes on after it. */
export async function replay(answer: Readable, client: Writable): Promise<void> {
  const away = () => answer.destroy();
  client.once('close', away);
  answer.pipe(client, { end: false });
  await finished(answer).finally(() => client.off('close', away));
}

/** Closes our side, then the connection when the client has closed its own or takes too long for it. */
export function close(client: Socket): void {
  // What the client still sends is taken and dropped: closing with unread data would be a reset to it.
  client.resume();
  client.end();
  const late = setTimeout(() => client.destroy(), LINGER_MS).unref();
  client.once('close', () => clearTimeout(late));
}

/**
 * Destroys the connection when the client has closed it: on a unix socket that looks as if it only sends no more, until
 * something is written, be it of no bytes. Over TCP the kernel asks a silent client.
 */
export function noticeEnd(client: Socket, everyMs = PROBE_MS): void {
  client.setKeepAlive(true, LINGER_MS);
  const begin = () => {
    const probe = setInterval(() => {
      if (client.writable && client.writableLength === 0) client.write(Buffer.alloc(0));
    }, everyMs);
    probe.unref();
    client.once('close', () => clearInterval(probe));
  };
  if (client.readableEnded) begin();
  else client.once('end', begin);
}

/**
 * Joins a client's connection to the engine's. A client that closes its sending side still gets the output; the end of
 * the output ends both.
 * @param said what the client has sent already
 */
export function join(client: Socket, engine: Socket, { route, call }: Forwarded, said?: Buffer): void {
  const through = route.output?.(call);
  const output = through ? engine.pipe(through) : engine;
  const leaving = route.leaving?.(call);
  const leave = () => {
    leaving?.left();
    finish();
  };
  const typed = leaving && untilKeys(leaving.keys, leave);
  const input = typed ?? engine;
  let over = false;
  const finish = () => {
    if (over) return;
    over = true;
    client.unpipe(input);
    engine.destroy();
    close(client);
  };
  const abandon = () => {
    over = true;
    engine.destroy();
    client.destroy();
  };
  output.on('end', finish).on('error', finish);
  engine.on('error', finish);
  client.on('error', abandon).on('close', abandon);
  output.pipe(client, { end: false });
  const end = !route.keepsInput?.(call);
  typed?.pipe(engine, { end });
  if (said?.length) input.write(said);
  if (!client.readableEnded) client.pipe(input, { end });
  else if (end) input.end();
}

/** Joins them when the engine's stream is granted, with what the client has sent until then; without one it is closed. */
export async function joinLater(
  client: Socket,
  granted: Promise<Socket | undefined> | undefined,
  to: Forwarded,
): Promise<void> {
  const said: Buffer[] = [];
  let bytes = 0;
  const gather = (chunk: Buffer) => {
    said.push(chunk);
    bytes += chunk.length;
    if (bytes > EARLY_LIMIT) client.pause();
  };
  client.on('data', gather);
  const engine = await granted;
  client.off('data', gather).pause();
  if (engine === undefined) close(client);
  else if (client.destroyed) engine.destroy();
  else join(client, engine, to, Buffer.concat(said));
}

async function refusalBody(socket: Socket, headers: Record<string, string>): Promise<Buffer> {
  const length = Math.min(Number(headers['content-length'] ?? 0), REFUSAL_LIMIT);
  let body: Buffer = Buffer.alloc(0);
  if (length === 0) return body;
  for await (const chunk of socket) {
    body = Buffer.concat([body, chunk as Buffer]);
    if (body.length >= length) break;
  }
  return body.subarray(0, length);
}
