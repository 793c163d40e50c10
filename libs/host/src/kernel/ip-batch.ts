import { spawn } from 'node:child_process';
import { invalid, SkepError, unavailable, type ErrorCode } from '#lib/common';
import type { IpLine } from '../host.js';
import { inNetns } from './netns.js';

/** Characters that ip's batch reader takes as more than themselves: separators, quotes, comments, continuation. */
// eslint-disable-next-line no-control-regex
const SPECIAL = /[\s\u0000-\u001f"'#\\]/u;

/** The text for `ip -batch -`. No argument can end its line or become two. */
export function renderBatch(lines: readonly IpLine[]): string {
  return lines.map((line) => `${line.map((argument) => plain(argument, line)).join(' ')}\n`).join('');
}

function plain(argument: string, line: IpLine): string {
  if (argument !== '' && !SPECIAL.test(argument)) return argument;
  throw invalid(
    `ip ${line.join(' ')}: the argument ${JSON.stringify(argument)} is refused; ` +
      'it must not be empty and not contain white space, quotes, "#" or "\\"',
  );
}

/** Runs the lines in one process; the process is started inside the namespace, so it needs no wrapper. */
export async function runBatch(lines: readonly IpLine[], netns?: string): Promise<void> {
  if (lines.length === 0) return;
  const text = renderBatch(lines);
  const { status, stderr } = await new Promise<{ status: number | null; stderr: string }>((resolve, reject) => {
    const child = inNetns(netns, () => spawn('ip', ['-batch', '-'], { stdio: ['pipe', 'ignore', 'pipe'] }));
    const heard: Buffer[] = [];
    child.stderr.on('data', (chunk: Buffer) => heard.push(chunk));
    child.once('error', (cause) => reject(unavailable(`ip cannot be started: ${cause.message}`, cause)));
    child.once('close', (code) => resolve({ status: code, stderr: Buffer.concat(heard).toString() }));
    // ip stops reading at the first line that fails; what it said is on stderr.
    child.stdin.on('error', () => undefined);
    child.stdin.end(text);
  });
  if (status !== 0) throw batchError(lines, stderr, netns);
}

/** Messages of iproute2 and of the kernel (`RTNETLINK answers: …`) that callers tell apart. */
const MEANINGS: readonly [RegExp, ErrorCode][] = [
  [/File exists|already assigned/, 'conflict'],
  [/Cannot find device|No such (device|process|file)|does not exist|Invalid netns/i, 'not_found'],
  [/Operation not permitted|Permission denied/, 'forbidden'],
  [/Unknown device type|Operation not supported/, 'unsupported'],
  [/Device or resource busy/, 'conflict'],
  [/Cannot allocate memory|No buffer space/, 'exhausted'],
];

/** ip ends with `Command failed -:<line>`; what it says before that belongs to the line. */
export function batchError(lines: readonly IpLine[], stderr: string, netns?: string): SkepError {
  const failed = Number(/Command failed -:(\d+)/.exec(stderr)?.[1] ?? 0);
  const said = stderr.replace(/Command failed -:\d+\s*/g, '').trim();
  const code = MEANINGS.find(([pattern]) => pattern.test(said))?.[1] ?? 'internal';
  const where = netns === undefined ? '' : ` in ${netns}`;
  const line = lines[failed - 1]?.join(' ') ?? `-batch (${lines.length} lines)`;
  return new SkepError(code, `ip ${line}${where}: ${said.replace(/\s*\n\s*/g, '; ') || 'failed without a message'}`);
}
