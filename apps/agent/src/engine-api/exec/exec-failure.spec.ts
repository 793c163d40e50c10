import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { execFailure, execOutput } from './exec-failure.js';

const frame = (stream: number, text: string): Buffer => {
  const header = Buffer.alloc(8);
  header[0] = stream;
  header.writeUInt32BE(Buffer.byteLength(text), 4);
  return Buffer.concat([header, Buffer.from(text)]);
};

async function through(chunks: readonly Buffer[], notStarted = () => undefined): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of Readable.from(chunks).pipe(execOutput(notStarted))) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('latin1');
}

const MISSING =
  'runc: exec failed: unable to start container process: exec: "nope": executable file not found in $PATH: OCI runtime attempted to invoke a command that was not found';
const DOCKERS =
  'OCI runtime exec failed: exec failed: unable to start container process: exec: "nope": executable file not found in $PATH: unknown';

describe('why a command could not be started', () => {
  it.each([
    [MISSING, DOCKERS, 127],
    [
      'runc: exec failed: unable to start container process: exec: "/etc/passwd": permission denied: OCI permission denied',
      'OCI runtime exec failed: exec failed: unable to start container process: exec: "/etc/passwd": permission denied: unknown',
      126,
    ],
    [
      'crun: executable file `nope` not found in $PATH: No such file or directory: OCI runtime attempted to invoke a command that was not found',
      'OCI runtime exec failed: exec failed: exec: "nope": executable file not found in $PATH: unknown',
      127,
    ],
    [
      'crun: open executable: Permission denied: OCI permission denied',
      'OCI runtime exec failed: exec failed: open executable: permission denied: unknown',
      126,
    ],
  ])('%s', (words, message, exitCode) => {
    expect(execFailure(words)).toEqual({ message, exitCode });
  });

  it('is not taken from what commands say', () => {
    expect(execFailure('Error: nothing to do')).toBeUndefined();
  });
});

describe('the output of an exec', () => {
  it('says in Docker’s words, and on its output, that the command could not be started', async () => {
    const all = Buffer.concat([frame(2, `Error: ${MISSING}\n`), frame(2, 'Error: read unixpacket: reset\n')]);
    const expected = frame(1, `${DOCKERS}\r\n`).toString('latin1');
    expect(await through([all])).toBe(expected);
    expect(await through([...all].map((byte) => Buffer.from([byte])))).toBe(expected);
    expect(await through([Buffer.from(`Error: ${MISSING}\n`)])).toBe(`${DOCKERS}\r\n`);
  });

  it.each([
    ['output', [frame(1, 'Error: runc: exec failed: no\n')]],
    ['errors of the command', [frame(2, 'Error: no such thing\n'), frame(1, 'more')]],
    ['a terminal', [Buffer.from('Err'), Buffer.from('or 5\r\n')]],
    ['a terminal that ends at once', [Buffer.from('Err')]],
    ['long errors', [frame(2, 'x'.repeat(20_000))]],
    ['nothing', []],
  ])('passes %s untouched', async (_what, chunks) => {
    const notStarted = () => expect.unreachable();
    expect(await through(chunks, notStarted)).toBe(Buffer.concat(chunks).toString('latin1'));
  });

  it.each([
    ['with frames', frame(1, `${DOCKERS}\r\n`)],
    ['without', Buffer.from(`${DOCKERS}\r\n`)],
  ])('notices what Docker Engine says itself, %s', async (_what, said) => {
    let noticed = 0;
    const notStarted = () => void noticed++;
    expect(await through([said], notStarted)).toBe(said.toString('latin1'));
    expect(
      await through(
        [...said].map((byte) => Buffer.from([byte])),
        notStarted,
      ),
    ).toBe(said.toString('latin1'));
    expect(noticed).toBe(2);
  });
});
