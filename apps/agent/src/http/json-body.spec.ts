import { describe, expect, it } from 'vitest';
import { notJson } from './json-body.js';

describe('notJson', () => {
  it.each([
    [undefined, 'malformed Content-Type header (): mime: no media type'],
    ['text/plain', "unsupported Content-Type header (text/plain): must be 'application/json'"],
    ['application/jsonp', "unsupported Content-Type header (application/jsonp): must be 'application/json'"],
    ['application/json', undefined],
    ['Application/JSON; charset=utf-8', undefined],
  ])('%s', (type, message) => {
    expect(notJson(type === undefined ? {} : { 'content-type': type })?.message).toBe(message);
  });
});
