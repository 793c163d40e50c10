import fs from 'node:fs';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { invalid } from '#lib/common';
import { endUnstarted } from './logger.js';

let written: string;
beforeEach(() => {
  written = '';
  vi.spyOn(fs, 'writeSync').mockImplementation((_fd: number, text: unknown) => {
    written += String(text);
    return String(text).length;
  });
  vi.spyOn(process, 'exit').mockImplementation((code) => {
    throw new Error(`exit ${code}`);
  });
});
afterEach(() => vi.restoreAllMocks());

it('says as one JSON line why a process cannot start, and ends it', () => {
  expect(() => endUnstarted('agent', invalid('node.db: of a later "skep"'))).toThrow('exit 1');
  expect(written).toMatch(/^[^\n]+\n$/);
  const line = JSON.parse(written) as Record<string, unknown>;
  const msg = 'the agent cannot start: node.db: of a later "skep"';
  expect(line).toEqual({ level: 60, time: line.time, process: 'agent', room: 'agent', msg });
});

it('shows where a fault of ours happened', () => {
  expect(() => endUnstarted('manager', new TypeError('x is not a function'))).toThrow('exit 1');
  expect(JSON.parse(written)).toMatchObject({ stack: expect.stringContaining('logger.spec.ts') as string });
});
