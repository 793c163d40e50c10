import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { invalid, SkepError } from '#lib/common';

/** Bodies that are not streamed are small. */
export const BODY_LIMIT = 1 << 20;
/** Answers that are changed are parsed as a whole. */
const ANSWER_LIMIT = 64 << 20;

/** A request's body as a whole. */
export async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const told = Number(request.headers['content-length'] ?? 0);
  if (told > BODY_LIMIT) throw tooLarge();
  return gather(request, BODY_LIMIT, tooLarge);
}

/** An engine's answer as a whole. */
export function answerOf(answer: Readable): Promise<Buffer> {
  return gather(
    answer,
    ANSWER_LIMIT,
    () => new SkepError('exhausted', `the container engine's answer is larger than ${ANSWER_LIMIT} bytes`),
  );
}

/** Does not destroy what it reads from: the connection is still to carry the refusal. */
function gather(source: Readable, limit: number, excess: () => SkepError): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let length = 0;
    const done = (error?: Error) => {
      source.off('data', take).off('end', end).off('close', cut).off('error', done);
      if (error) reject(error);
      else resolve(Buffer.concat(parts));
    };
    const take = (part: Buffer) => {
      length += part.length;
      if (length > limit) done(excess());
      else parts.push(part);
    };
    const end = () => done();
    const cut = () => done(invalid('the connection ended within the body'));
    source.on('data', take).on('end', end).on('close', cut).on('error', done);
  });
}

export function tooLarge(): SkepError {
  return invalid(`the request's body is too large: at most ${BODY_LIMIT} bytes are accepted here`);
}
