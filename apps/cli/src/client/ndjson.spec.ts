import { describe, expect, it } from 'vitest';
import { ndjson } from './ndjson.js';

async function read(chunks: Buffer[]): Promise<unknown[]> {
  const stream = (async function* () {
    yield* chunks;
  })();
  const values: unknown[] = [];
  for await (const value of ndjson(stream)) values.push(value);
  return values;
}

const VALUES = [{ name: 'größe ✔ 🐝' }, { name: 'b', list: [1, 2] }, { text: 'a\nb' }];
const BYTES = Buffer.from(VALUES.map((value) => `${JSON.stringify(value)}\n`).join(''));

describe('ndjson', () => {
  it('gives the same values wherever the bytes are cut', async () => {
    for (let at = 0; at <= BYTES.length; at++) {
      expect(await read([BYTES.subarray(0, at), BYTES.subarray(at)])).toEqual(VALUES);
    }
    expect(await read([...BYTES].map((byte) => Buffer.of(byte)))).toEqual(VALUES);
  });

  it('takes a last line without its end, and skips empty lines', async () => {
    expect(await read([Buffer.from('\n{"a":1}\n\r\n{"b":2}')])).toEqual([{ a: 1 }, { b: 2 }]);
  });

  it('says when an answer was cut off', async () => {
    await expect(read([Buffer.from('{"a":1}\n{"b":')])).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('{"b":'),
    });
  });
});
