import { spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { waitFor } from '#lib/common';

/** What went over a link. */
export interface Capture {
  /** does any frame contain these six bytes, wherever? */
  holds(mac: string): boolean;
  /** how often do these bytes, as hex digits, occur in all frames? */
  countOf(hex: string): number;
  /** the frames of a tcpdump filter, as `tcpdump -e` writes them */
  lines(filter: string): string[];
}

/** The address that an ARP probe at the end of a capture asks for (RFC 5737). */
const LAST_ASKED = '203.0.113.77';

/** What runs programs in namespaces. */
interface Programs {
  run(netns: string | undefined, argv: readonly string[]): unknown;
  start(netns: string | undefined, argv: readonly string[]): ChildProcess;
}

export async function capture(
  on: { lab: Programs; netns: string | undefined; link: string; file: string },
  work: () => unknown,
): Promise<Capture> {
  const { lab, netns, link, file } = on;
  const child = lab.start(netns, ['tcpdump', '-i', link, '--immediate-mode', '-U', '-n', '-w', file]);
  const within = (what: string) => ({ ms: 5000, what: `tcpdump ${what}` });
  await waitFor(() => existsSync(file) && readFileSync(file).length >= 24, within('listens'));
  await work();
  // What was seen before the last frame is in the file when that one is.
  const askLast = () => lab.run(netns, ['busybox', 'arping', '-D', '-c', '1', '-w', '1', '-I', link, LAST_ASKED]);
  const last = Buffer.from(LAST_ASKED.split('.').map(Number));
  await waitFor(() => (askLast(), readFileSync(file).includes(last)), within('has written everything'));
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGINT');
  await ended;
  const frames = readFileSync(file);
  return {
    holds: (mac) => frames.includes(Buffer.from(mac.replaceAll(':', ''), 'hex')),
    countOf: (hex) => occurrences(frames, Buffer.from(hex, 'hex')),
    lines: (filter) => framesOf(file, filter).filter((line) => !line.includes(LAST_ASKED)),
  };
}

function framesOf(file: string, filter: string): string[] {
  const { status, stdout, stderr } = spawnSync('tcpdump', ['-n', '-e', '-r', file, filter], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return stdout.split('\n').filter(Boolean);
}

function occurrences(frames: Buffer, bytes: Buffer): number {
  let count = 0;
  for (let at = frames.indexOf(bytes); at >= 0; at = frames.indexOf(bytes, at + bytes.length)) count += 1;
  return count;
}
