import { describe, expect, it } from 'vitest';
import { conflict } from '#lib/common';
import { toSkepError } from './errors.js';

const answer = (statusCode: number, message: string) =>
  Object.assign(new Error(`(HTTP code ${statusCode}) - x`), { statusCode, json: { message } });
const failure = (code: string) => Object.assign(new Error(`connect ${code} /run/x.sock`), { code });

describe('toSkepError', () => {
  it.each([
    [answer(400, 'bad'), 'invalid', 'start it: bad'],
    [answer(404, 'nothing'), 'not_found', 'No such thing'],
    [answer(409, 'busy'), 'conflict', 'start it: busy'],
    [answer(500, 'boom'), 'internal', 'start it: boom'],
    [answer(500, 'write /x: no space left on device'), 'exhausted', 'start it: write /x: no space left on device'],
    [answer(500, 'container state improper'), 'conflict', 'start it: container state improper'],
    [
      answer(500, 'failed to update store for object type *libnetwork.endpoint: open : …'),
      'unavailable',
      /^start it: /,
    ],
    [answer(500, 'runc: fork/exec: resource temporarily unavailable'), 'exhausted', /^start it: /],
    [failure('EMFILE'), 'exhausted', 'start it: connect EMFILE /run/x.sock'],
    [failure('EAGAIN'), 'exhausted', 'start it: connect EAGAIN /run/x.sock'],
    [failure('ECONNREFUSED'), 'unavailable', /start it: the container engine does not answer/],
    [failure('ENOENT'), 'unavailable', /does not answer/],
    [failure('ECONNRESET'), 'unavailable', /does not answer/],
    [new Error('socket hang up'), 'unavailable', /does not answer/],
    [new Error('odd'), 'internal', 'start it: odd'],
  ])('%s', (error, code, message) => {
    const translated = toSkepError(error, 'start it', 'No such thing');
    expect(translated).toMatchObject({ code, cause: error });
    expect(translated.message).toMatch(message);
  });

  it('takes the words of a streamed answer out of the frame around them', () => {
    const streamed = Object.assign(new Error('(HTTP code 500) unexpected - no - luck '), {
      statusCode: 500,
      json: null,
    });
    expect(toSkepError(streamed, 'pull x').message).toBe('pull x: no - luck');
  });

  it('keeps the words of a 404 whose subject is not known, and errors of ours', () => {
    expect(toSkepError(answer(404, 'no such volume'), 'mount').message).toBe('mount: no such volume');
    const ours = conflict('c');
    expect(toSkepError(ours, 'x')).toBe(ours);
  });
});
