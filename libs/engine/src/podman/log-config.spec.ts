import { describe, expect, it } from 'vitest';
import { logConfig } from './log-config.js';

const of = (Type: string, Config?: Record<string, string>) => logConfig({ LogConfig: { Type, Config } });

describe('what is kept of a log', () => {
  it.each<[string, Record<string, string> | undefined, string | undefined, number]>([
    ['', undefined, undefined, 1],
    ['json-file', {}, undefined, 1],
    ['json-file', { 'max-size': '1m' }, '1m', 1],
    ['json-file', { 'max-size': '1.5 MB', 'max-file': '3', compress: 'true' }, '1.5 MB', 3],
    ['json-file', { 'max-size': '-1', 'max-file': '3' }, undefined, 1],
    ['json-file', { 'max-file': '3', mode: 'non-blocking', labels: 'a' }, undefined, 1],
    ['local', undefined, '20971520', 5],
    ['local', { 'max-size': '1m', 'max-file': '1' }, '1m', 1],
  ])('%s with %j', (type, options, size, files) => {
    const wanted = { Type: 'k8s-file', ...(size && { Config: { 'max-size': size } }) };
    expect(of(type, options)).toEqual({ config: wanted, files });
  });

  it.each([
    [{ nope: '1' }, "unknown log opt 'nope' for json-file log driver"],
    [{ 'max-size': 'zz' }, "invalid size: 'zz'"],
    [{ 'max-size': '0' }, "invalid size: '0'"],
    [{ 'max-file': '0' }, 'max-file: "0": cannot be less than 1'],
    [{ 'max-file': 'x' }, 'cannot be less than 1'],
  ])('%j is refused', (options, words) => {
    expect(() => of('json-file', options as Record<string, string>)).toThrow(words);
  });
});
