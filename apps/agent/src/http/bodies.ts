import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { invalid, SkepError } from '#lib/common';

/** Bodies that are not streamed are small. */
export const BODY_LIMIT = 1 << 20;
const BODY_MS = 60_000;
/** Answers that are changed are parsed as a whole. */
const ANSWER_LIMIT = 64 << 20;

/** A request's body as a whole, at most `limit` bytes. What is too large is refused before its end has come. */
export async function bodyOf(request: IncomingMessage, limit = BODY_LIMIT): Promise<Buffer> {
  const excess = () => tooLarge(limit);
  const told = Number(request.headers['content-length'] ?? 0);
  if (told > limit) throw excess();
  return gather(request, limit, excess, BODY_MS);
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
function gather(source: Readable, limit: number, excess: () => SkepError, ms?: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let length = 0;
    const late = () => done(invalid(`the request's body did not come within ${ms! / 1000} s`));
    const timer = ms === undefined ? undefined : setTimeout(late, ms);
    const done = (error?: Error) => {
      clearTimeout(timer);
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

export function tooLarge(limit = BODY_LIMIT): SkepError {
  return invalid(`the request's body is too large: at most ${limit} bytes are accepted here`);
}
