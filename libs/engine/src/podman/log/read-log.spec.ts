import { appendFileSync, mkdtempSync, readdirSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { waitFor } from '#lib/common';
import type { LogOptions } from '../../engine.js';
import { nanoOf } from '../../logs/log-time.js';
import { keepOlder } from './older.js';
import { readLog } from './read-log.js';

describe('reading a log file', () => {
  let folder: string;
  let path: string;
  let second: number;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'skep-log-'));
    path = join(folder, 'ctr.log');
    second = 0;
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const timeOf = (n: number) => `2026-01-02T03:04:${String(n).padStart(2, '0')}.000000006`;
  /** `oF a` is a full line of stdout, `eP b` a part of one of stderr; a second lies between two. */
  const physical = (entry: string) =>
    `${timeOf(second++)}+00:00 ${entry[0] === 'o' ? 'stdout' : 'stderr'} ${entry[1]} ${entry.slice(3)}\n`;
  const write = (...entries: string[]) => appendFileSync(path, entries.map(physical).join(''));

  interface Reading {
    parts: string[];
    ended: boolean;
    over: Promise<void>;
  }
  /** `0 out+ a` is what was written at second 0 and begins a line, `-` goes on with one. */
  const read = (options: Partial<LogOptions> = {}): Reading => {
    const reading: Reading = { parts: [], ended: false, over: Promise.resolve() };
    reading.over = (async () => {
      const log = readLog(path, { follow: false, ...options }, () => Promise.resolve(reading.ended));
      for await (const parts of log) {
        for (const { stream, time, data, first } of parts)
          reading.parts.push(`${Number(time.slice(17, 19))} ${stream.slice(3)}${first ? '+' : '-'} ${data.toString()}`);
      }
    })();
    return reading;
  };
  const all = async (options?: Partial<LogOptions>) => {
    const reading = read(options);
    await reading.over;
    return reading.parts;
  };
  const gets = (reading: Reading, ...parts: string[]) =>
    waitFor(() => reading.parts.length >= parts.length, { ms: 5_000, what: JSON.stringify(parts) }).then(() =>
      expect(reading.parts).toEqual(parts),
    );

  it('gives what was written, byte by byte, lines in parts as one', async () => {
    write('oF a', 'oP b', 'eF x', 'oP c', 'oF ', 'oP d');
    expect(await all()).toEqual(['0 out+ a\n', '2 err+ x\n', '1 out+ bc\n', '5 out+ d']);
    writeFileSync(path, Buffer.concat([Buffer.from(`${timeOf(9)}Z stdout F `), Buffer.from([0, 255, 13, 10])]));
    const raw: Buffer[] = [];
    for await (const parts of readLog(path, { follow: false }, () => Promise.resolve(true)))
      raw.push(...parts.map(({ data }) => data));
    expect(raw).toEqual([Buffer.from([0, 255, 13, 10])]);
  });

  it('tells when the last of a line was written, where that was later', async () => {
    write('oF a', 'oP b', 'oF c');
    const lasts = [];
    for await (const parts of readLog(path, { follow: false }, () => Promise.resolve(false))) {
      lasts.push(...parts.map(({ last }) => last));
    }
    expect(lasts).toEqual([undefined, `${timeOf(2)}Z`]);
  });

  it('gives long lines in pieces that no memory minds', async () => {
    for (let n = 0; n < 5; n++) write(`oP ${'x'.repeat(8192)}`);
    write('oF y');
    const whole = 'x'.repeat(2 * 8192);
    expect(await all()).toEqual([`0 out+ ${whole}`, `2 out- ${whole}`, `4 out- ${'x'.repeat(8192)}y\n`]);
  });

  it('chooses by moments to the nanosecond, both ends included', async () => {
    write('oF a', 'eF b', 'oF c', 'oF d');
    const nano = (n: number) => nanoOf(`${timeOf(n)}Z`);
    expect(await all({ since: nano(1), until: nano(2) })).toEqual(['1 err+ b\n', '2 out+ c\n']);
    expect(await all({ since: nano(1) + 1n, until: nano(3) - 1n })).toEqual(['2 out+ c\n']);
    expect(await all({ since: -5n })).toHaveLength(4);
    expect(await all({ tail: 3, until: nano(1) })).toEqual(['1 err+ b\n']);
    write('oP e', 'oF f');
    expect(await all({ since: nano(5) })).toEqual(['5 out+ f\n']);
  });

  it('knows other time zones', async () => {
    writeFileSync(path, '2026-01-02T04:04:05.5+01:00 stdout F a\n');
    for await (const [part] of readLog(path, { follow: false }, () => Promise.resolve(true)))
      expect(part?.time).toBe('2026-01-02T03:04:05.500000000Z');
  });

  it('ends with what was there when it began, and at once where there is no log', async () => {
    expect(await all()).toEqual([]);
    write('oF a');
    const log = readLog(path, { follow: false }, () => Promise.resolve(false));
    const first = await log.next();
    write('oF b');
    expect(first.value).toHaveLength(1);
    expect((await log.next()).done).toBe(true);
  });

  it('follows: the last lines, then each as it comes, until the container has ended', async () => {
    write('oF a', 'oF b');
    const reading = read({ follow: true, tail: 1 });
    await gets(reading, '1 out+ b\n');
    write('oP c');
    await gets(reading, '1 out+ b\n', '2 out+ c');
    write('oF d', 'eF e');
    await gets(reading, '1 out+ b\n', '2 out+ c', '3 out- d\n', '4 err+ e\n');
    write('oF f');
    reading.ended = true;
    await reading.over;
    expect(reading.parts.at(-1)).toBe('5 out+ f\n');
  });

  it('follows into the file that takes the place of one that is full, and one that was cut', async () => {
    write('oF a');
    const reading = read({ follow: true });
    await gets(reading, '0 out+ a\n');
    write('oF b');
    renameSync(path, `${path}.old`);
    write('oF c');
    await gets(reading, '0 out+ a\n', '1 out+ b\n', '2 out+ c\n');
    write(`oF ${'x'.repeat(50)}`);
    await waitFor(() => reading.parts.length === 4, { ms: 5_000, what: 'a long line' });
    truncateSync(path);
    write('oF d');
    await waitFor(() => reading.parts.length === 5, { ms: 5_000, what: 'a line after the cut' });
    expect(reading.parts.at(-1)).toBe('4 out+ d\n');
    reading.ended = true;
    await reading.over;
  });

  it('reads older files first, as if they were one with the last', async () => {
    const full = () => (keepOlder(path, 3), renameSync(path, `${path}.gone`), rmSync(`${path}.gone`));
    write('oF a', 'oP b');
    full();
    write('oF c', 'eF x');
    full();
    write('oF d');
    keepOlder(path, 3);
    const lines = ['0 out+ a\n', '1 out+ bc\n', '3 err+ x\n', '4 out+ d\n'];
    expect(await all()).toEqual(lines);
    for (const tail of [0, 1, 2, 3, 4, 9]) expect(await all({ tail })).toEqual(lines.slice(4 - Math.min(tail, 4)));
    expect(readdirSync(folder).sort()).toEqual(['ctr.log', 'ctr.log.1', 'ctr.log.2', 'ctr.log.current']);
    full();
    write('oF e');
    expect(await all()).toEqual([...lines, '5 out+ e\n']);
    keepOlder(path, 3);
    expect(await all({ tail: 2 })).toEqual(['4 out+ d\n', '5 out+ e\n']);
    expect((await all()).at(0)).toBe('2 out+ c\n');
  });

  it('follows through files that were filled while nobody looked', async () => {
    const full = () => (keepOlder(path, 4), renameSync(path, `${path}.gone`), rmSync(`${path}.gone`));
    write('oF a');
    full();
    write('oF b');
    const reading = read({ follow: true, tail: 1 });
    await gets(reading, '1 out+ b\n');
    full();
    write('oF c');
    full();
    write('oF d');
    await gets(reading, '1 out+ b\n', '2 out+ c\n', '3 out+ d\n');
    reading.ended = true;
    await reading.over;
  });

  it('follows a log that is not there yet, and stops when nobody listens', async () => {
    const gone = new AbortController();
    const reading = read({ follow: true, signal: gone.signal });
    write('oF a');
    await gets(reading, '0 out+ a\n');
    gone.abort();
    await reading.over;
  });

  it('follows no longer than until', async () => {
    const reading = read({ follow: true, until: BigInt(Date.now() + 300) * 1_000_000n });
    write('oF a');
    await reading.over;
    expect(reading.parts).toEqual(['0 out+ a\n']);
  });
});
