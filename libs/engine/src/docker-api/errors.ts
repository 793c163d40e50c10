import { codeOfStatus, SkepError, messageOf, type ErrorCode } from '#lib/common';

/** What dockerode throws when the engine answered with a status that it does not expect. */
interface EngineAnswer extends Error {
  statusCode: number;
  json?: { message?: string } | Buffer | string | null;
}

const UNREACHABLE = new Set(['ECONNREFUSED', 'ENOENT', 'ECONNRESET', 'EPIPE', 'EACCES', 'ETIMEDOUT']);

/** The node lacks something; the engine was not even asked. */
const LACKING = new Set(['EMFILE', 'ENFILE', 'ENOMEM', 'ENOBUFS', 'EAGAIN']);

/** Words by which engines that answer 500 for everything still say what it was. First match wins. */
const WORDS: readonly [RegExp, ErrorCode][] = [
  [
    /no space left on device|disk quota exceeded|too many open files|cannot allocate memory|resource temporarily unavailable/i,
    'exhausted',
  ],
  [/is already in use|name .* is in use|being used by|has dependent containers|state improper/i, 'conflict'],
  [/not logged in|authentication required|unauthorized/i, 'unauthorized'],
  [
    /no command or entrypoint|executable file not found|command that was not found|invalid|must be lowercase|unable to find user|unknown capability/i,
    'invalid',
  ],
  [/binary not found on the host/i, 'unsupported'],
  // What Docker Engine says of requests that it had begun when it was told to end.
  [/failed to update store|transport is closing|connection is closing|ttrpc: closed|context canceled/i, 'unavailable'],
];

/** The HTTP status of the engine's answer, if the error is one. */
export function statusOf(error: unknown): number | undefined {
  return isAnswer(error) ? error.statusCode : undefined;
}

/** The engine's own words, without dockerode's frame around them. */
export function wordsOf(error: unknown): string {
  if (!isAnswer(error)) return messageOf(error);
  const body = error.json;
  if (body && typeof body === 'object' && 'message' in body && body.message) return body.message.trim();
  if (typeof body === 'string' && body.trim()) return body.trim();
  if (Buffer.isBuffer(body) && body.length) return body.toString('utf8').trim();
  return error.message.replace(/^\(HTTP code \d+\) .*? - /, '').trim();
}

/**
 * Any failure of a call as the project's error.
 * @param doing what was attempted, e.g. `start container 0af3…`: it stands before the engine's words
 * @param missing Docker's wording for a 404, e.g. `No such container: 0af3…`
 */
export function toSkepError(error: unknown, doing: string, missing?: string): SkepError {
  if (error instanceof SkepError) return error;
  if (error instanceof Error && error.name === 'AbortError') {
    return new SkepError('timeout', `${doing}: given up`, { cause: error });
  }
  const status = statusOf(error);
  if (status === undefined) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    const away = UNREACHABLE.has(code) || /socket hang up|aborted/.test(messageOf(error));
    return away
      ? new SkepError('unavailable', `${doing}: the container engine does not answer (${messageOf(error)})`, {
          cause: error,
        })
      : new SkepError(LACKING.has(code) ? 'exhausted' : 'internal', `${doing}: ${messageOf(error)}`, { cause: error });
  }
  if (status === 404 && missing) return new SkepError('not_found', missing, { cause: error });
  const words = wordsOf(error);
  return new SkepError(codeOfStatus(status) ?? codeByWords(words), `${doing}: ${words}`, { cause: error });
}

/** The code that words of an engine stand for where no status says it. */
export function codeByWords(words: string): ErrorCode {
  return WORDS.find(([pattern]) => pattern.test(words))?.[1] ?? 'internal';
}

function isAnswer(error: unknown): error is EngineAnswer {
  return error instanceof Error && typeof (error as Partial<EngineAnswer>).statusCode === 'number';
}
