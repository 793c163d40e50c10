import { randomInt } from 'node:crypto';
import { SkepError } from '#lib/common';
import { HEADER_LENGTH, readBareError, readMessage, sameQuestion, type Message } from '#lib/discovery';
import { THE_NODE, type Place } from '../sockets/places.js';
import type { ServerAddress } from './server-address.js';

/**
 * Asks one server one question, over UDP and, when the answer is truncated, over TCP. Source port and id are random,
 * and only an answer from that server with that id and question counts, or an error with that id that repeats no question.
 * A datagram may get lost: it is sent again, as it was, so that the answer to either of them counts and a forger has no more
 * to guess from.
 *
 * @param place where it is asked from; the node, where there is no way to the server from there
 * @param question a whole message; its id is replaced
 * @param againMs after this time, and as often
 * @param ends any of these signals ends it
 * @throws SkepError `timeout` or `unavailable`
 */
export async function exchange(
  place: Place,
  server: ServerAddress,
  question: Uint8Array,
  againMs: number,
  ends: readonly AbortSignal[],
): Promise<Message> {
  const asked = Uint8Array.from(question);
  const id = randomInt(0x1_0000);
  asked.set([id >> 8, id & 0xff]);
  const questionEnd = endOfQuestion(asked);
  const fits = (bytes: Uint8Array): Message | undefined => {
    const error = readBareError(bytes);
    if (error?.id === id) return error;
    const message = readMessage(bytes);
    if (message?.id !== id) return undefined;
    return sameQuestion(asked, questionEnd, bytes, message.questionEnd) ? message : undefined;
  };
  let from = place;
  const answer = await overUdp(from, server, asked, fits, againMs, ends).catch((error: unknown) => {
    if (place === THE_NODE || !hasNoWay(error)) throw error;
    from = THE_NODE;
    return overUdp(from, server, asked, fits, againMs, ends);
  });
  return answer.truncated ? overTcp(from, server, asked, fits, ends) : answer;
}

type Fits = (bytes: Uint8Array) => Message | undefined;

function overUdp(
  place: Place,
  server: ServerAddress,
  asked: Uint8Array,
  fits: Fits,
  againMs: number,
  ends: readonly AbortSignal[],
): Promise<Message> {
  return new Promise((resolve, reject) => {
    if (ends.some(({ aborted }) => aborted)) return reject(noAnswer(place, server));
    const socket = place.udp(server.family);
    let repeating: NodeJS.Timeout | undefined;
    let settled = false;
    const done = (settle: () => void) => {
      if (settled) return;
      settled = true;
      clearInterval(repeating);
      goOn();
      socket.removeAllListeners().on('error', () => {});
      socket.close();
      settle();
    };
    const stop = () => done(() => reject(noAnswer(place, server)));
    const fail = (error: unknown) => done(() => reject(unreachable(place, server, error)));
    const goOn = onAbort(ends, stop);
    socket.on('error', fail);
    socket.on('message', (bytes) => {
      const message = fits(bytes);
      if (message) done(() => resolve(message));
    });
    // Connected: the kernel passes on only what that server sends, and says at once when nobody listens there.
    // Where there is no way to it, that is told to the callback and to nobody else, which the types do not know.
    const send = () => socket.send(asked, (unsent) => unsent && fail(unsent));
    const connected = (error?: Error) => {
      if (error) return fail(error);
      repeating = setInterval(send, againMs);
      send();
    };
    socket.connect(server.port, server.address, connected);
  });
}

function overTcp(
  place: Place,
  server: ServerAddress,
  asked: Uint8Array,
  fits: Fits,
  ends: readonly AbortSignal[],
): Promise<Message> {
  return new Promise((resolve, reject) => {
    if (ends.some(({ aborted }) => aborted)) return reject(noAnswer(place, server));
    const socket = place.tcp(server.family).connect({ host: server.address, port: server.port });
    let received = Buffer.alloc(0);
    const done = (settle: () => void) => {
      goOn();
      socket.destroy();
      settle();
    };
    const stop = () => done(() => reject(noAnswer(place, server)));
    const goOn = onAbort(ends, stop);
    socket.on('error', (error) => done(() => reject(unreachable(place, server, error))));
    socket.on('close', () => done(() => reject(unreachable(place, server, new Error('it closed the connection')))));
    socket.on('data', (bytes) => {
      received = Buffer.concat([received, bytes]);
      if (received.length < 2 || received.length < 2 + received.readUInt16BE(0)) return;
      const message = fits(received.subarray(2, 2 + received.readUInt16BE(0)));
      const wrong = unreachable(place, server, new Error('its answer is to another question'));
      done(() => (message ? resolve(message) : reject(wrong)));
    });
    const prefix = [asked.length >> 8, asked.length & 0xff];
    socket.write(Uint8Array.from([...prefix, ...asked]));
  });
}

/** Calls `stop` when one of the signals is aborted, until its result is called. */
function onAbort(signals: readonly AbortSignal[], stop: () => void): () => void {
  for (const signal of signals) signal.addEventListener('abort', stop);
  return () => {
    for (const signal of signals) signal.removeEventListener('abort', stop);
  };
}

/** Of a message that we made: one question, no compression. */
function endOfQuestion(bytes: Uint8Array): number {
  let at = HEADER_LENGTH;
  while (bytes[at]! > 0) at += bytes[at]! + 1;
  return at + 5;
}

const noAnswer = (place: Place, server: ServerAddress) =>
  new SkepError('timeout', `${server.text}${place.words} did not answer in time`);

const unreachable = (place: Place, server: ServerAddress, cause: unknown) =>
  new SkepError('unavailable', `${server.text}${place.words} could not be asked: ${String(cause)}`, { cause });

/** The kernel found no route when the socket was to be connected; a router that says so later is something else. */
function hasNoWay(error: unknown): boolean {
  const { code, syscall } = ((error as Error).cause ?? {}) as NodeJS.ErrnoException;
  // The last one: there is no IPv6 at all, and so no address to ask from.
  return syscall === 'connect' && ['ENETUNREACH', 'EHOSTUNREACH', 'EADDRNOTAVAIL'].includes(code ?? '');
}
