import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import { SkepError } from '#lib/common';
import { HEADER_LENGTH, readMessage, sameQuestion, type Message } from '#lib/discovery';
import type { ServerAddress } from './server-address.js';

/**
 * Asks one server one question, over UDP and, when the answer is truncated, over TCP. Source port and id are random,
 * and only an answer from that server with that id and question counts. A datagram may get lost: it is sent again, as it
 * was, so that the answer to either of them counts and a forger has no more to guess from.
 *
 * @param question a whole message; its id is replaced
 * @param againMs after this time, and as often
 * @param signal ends it
 * @throws SkepError `timeout` or `unavailable`
 */
export async function exchange(
  server: ServerAddress,
  question: Uint8Array,
  againMs: number,
  signal: AbortSignal,
): Promise<Message> {
  const asked = Uint8Array.from(question);
  const id = randomInt(0x1_0000);
  asked.set([id >> 8, id & 0xff]);
  const questionEnd = endOfQuestion(asked);
  const fits = (bytes: Uint8Array): Message | undefined => {
    const message = readMessage(bytes);
    if (message?.id !== id) return undefined;
    return sameQuestion(asked, questionEnd, bytes, message.questionEnd) ? message : undefined;
  };
  const answer = await overUdp(server, asked, fits, againMs, signal);
  return answer.truncated ? overTcp(server, asked, fits, signal) : answer;
}

type Fits = (bytes: Uint8Array) => Message | undefined;

function overUdp(
  server: ServerAddress,
  asked: Uint8Array,
  fits: Fits,
  againMs: number,
  signal: AbortSignal,
): Promise<Message> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(noAnswer(server));
    const socket = createSocket(server.family === 6 ? 'udp6' : 'udp4');
    let repeating: NodeJS.Timeout | undefined;
    const done = (settle: () => void) => {
      clearInterval(repeating);
      signal.removeEventListener('abort', stop);
      socket.removeAllListeners().on('error', () => {});
      socket.close();
      settle();
    };
    const stop = () => done(() => reject(noAnswer(server)));
    const fail = (error: unknown) => done(() => reject(unreachable(server, error)));
    signal.addEventListener('abort', stop);
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

function overTcp(server: ServerAddress, asked: Uint8Array, fits: Fits, signal: AbortSignal): Promise<Message> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(noAnswer(server));
    const socket = connect({ host: server.address, port: server.port });
    let received = Buffer.alloc(0);
    const done = (settle: () => void) => {
      signal.removeEventListener('abort', stop);
      socket.destroy();
      settle();
    };
    const stop = () => done(() => reject(noAnswer(server)));
    signal.addEventListener('abort', stop);
    socket.on('error', (error) => done(() => reject(unreachable(server, error))));
    socket.on('close', () => done(() => reject(unreachable(server, new Error('it closed the connection')))));
    socket.on('data', (bytes) => {
      received = Buffer.concat([received, bytes]);
      if (received.length < 2 || received.length < 2 + received.readUInt16BE(0)) return;
      const message = fits(received.subarray(2, 2 + received.readUInt16BE(0)));
      const wrong = unreachable(server, new Error('its answer is to another question'));
      done(() => (message ? resolve(message) : reject(wrong)));
    });
    const prefix = [asked.length >> 8, asked.length & 0xff];
    socket.write(Uint8Array.from([...prefix, ...asked]));
  });
}

/** Of a message that we made: one question, no compression. */
function endOfQuestion(bytes: Uint8Array): number {
  let at = HEADER_LENGTH;
  while (bytes[at]! > 0) at += bytes[at]! + 1;
  return at + 5;
}

const noAnswer = (server: ServerAddress) => new SkepError('timeout', `${server.text} did not answer in time`);

const unreachable = (server: ServerAddress, cause: unknown) =>
  new SkepError('unavailable', `${server.text} could not be asked: ${String(cause)}`, { cause });
