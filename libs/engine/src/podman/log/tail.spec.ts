import { appendFileSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { tailStart } from './tail.js';

const folder = mkdtempSync(join(tmpdir(), 'skep-tail-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** `oF a` is a full line of stdout, `eP b` a part of one of stderr. */
const physical = (entry: string) => {
  const [stream, tag] = entry;
  return `2026-01-02T03:04:05.000000006+00:00 ${stream === 'o' ? 'stdout' : 'stderr'} ${tag} ${entry.slice(3)}\n`;
};

/** The entries that are left of a log, in its order. */
async function tail(count: number, entries: readonly string[], rest = ''): Promise<string[]> {
  const path = join(folder, 'ctr.log');
  const offsets: number[] = [];
  let text = '';
  for (const entry of entries) {
    offsets.push(text.length);
    text += physical(entry);
  }
  writeFileSync(path, text + rest);
  const file = await open(path);
  try {
    const from = await tailStart(file, text.length + rest.length, count);
    return entries.filter((entry, n) => offsets[n]! >= from[entry[0] === 'o' ? 'stdout' : 'stderr']);
  } finally {
    await file.close();
  }
}

describe('the last lines of a log', () => {
  it.each<[string, number, string[], string[]]>([
    ['none', 0, ['oF a'], []],
    ['of an empty log', 3, [], []],
    ['more than there are', 3, ['oF a', 'eF b'], ['oF a', 'eF b']],
    ['of both streams together', 2, ['oF a', 'eF b', 'oF c'], ['eF b', 'oF c']],
    ['with all their parts', 1, ['oF a', 'oP b', 'oP c', 'oF d'], ['oP b', 'oP c', 'oF d']],
    ['an unfinished one counts', 2, ['oF a', 'oF b', 'oP c'], ['oF b', 'oP c']],
    ['parts around what another stream said', 1, ['oF a', 'oP b', 'eF x', 'oF c'], ['oP b', 'oF c']],
    ['the other stream ends later', 1, ['oP b', 'eF x', 'oF c', 'eF y'], ['eF y']],
    ['both unfinished', 2, ['oF a', 'eF b', 'oP c', 'eP d'], ['oP c', 'eP d']],
    ['of one stream, the other being silent', 1, ['eF x', 'oF a', 'oF b'], ['oF b']],
    ['the first line of all is in parts', 1, ['oP a', 'oF b'], ['oP a', 'oF b']],
  ])('%s', async (_what, count, entries, expected) => {
    expect(await tail(count, entries)).toEqual(expected);
  });

  it('over many blocks, in every length of line', async () => {
    const entries = Array.from({ length: 400 }, (_, n) => `${n % 3 ? 'o' : 'e'}F ${'x'.repeat((n * 7919) % 9000)}`);
    for (const count of [1, 17, 150, 399]) expect(await tail(count, entries)).toEqual(entries.slice(-count));
  });

  it('reads no more of a huge log than its end', async () => {
    const path = join(folder, 'huge.log');
    writeFileSync(path, '');
    truncateSync(path, 64 * 2 ** 30);
    const begin = 64 * 2 ** 30 + 1;
    appendFileSync(path, `\n${physical('oF a')}${physical('eF b')}${physical('oF c')}`);
    const file = await open(path);
    const from = await tailStart(file, (await file.stat()).size, 2);
    await file.close();
    expect(from).toEqual({ stdout: begin + physical('oF a').length, stderr: begin + physical('oF a').length });
  });

  it('passes over what is damaged, and what is being written', async () => {
    expect(await tail(1, ['oF a', 'oF b'], 'not an entry\n2026-01-02T03:04:05.0000')).toEqual(['oF b']);
  });
});
