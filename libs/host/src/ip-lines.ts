import { invalid, SkepError, type ErrorCode } from '#lib/common';
import type { IpLine } from './host.js';

/** The programs of iproute2 that read batches. */
export type BatchTool = 'ip' | 'tc';

/** Characters that iproute2's batch reader takes as more than themselves: separators, quotes, comments, continuation. */
const SPECIAL = /[\s\p{Cc}"'#\\]/u;

/** The text for `ip -batch -`. No argument can end its line or become two. */
export function renderBatch(lines: readonly IpLine[], tool: BatchTool = 'ip'): string {
  return lines.map((line) => `${line.map((argument) => plain(argument, line, tool)).join(' ')}\n`).join('');
}

function plain(argument: string, line: IpLine, tool: BatchTool): string {
  if (argument !== '' && !SPECIAL.test(argument)) return argument;
  throw invalid(
    `${tool} ${line.join(' ')}: the argument ${JSON.stringify(argument)} is refused; ` +
      'it must not be empty and not contain white space, quotes, "#" or "\\"',
  );
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

/** The tool ends with `Command failed -:<line>`; what it says before that belongs to the line. */
export function batchError(
  lines: readonly IpLine[],
  stderr: string,
  netns?: string,
  tool: BatchTool = 'ip',
): SkepError {
  const failed = Number(/Command failed -:(\d+)/.exec(stderr)?.[1] ?? 0);
  const said = stderr.replace(/Command failed -:\d+\s*/g, '').trim();
  const code = MEANINGS.find(([pattern]) => pattern.test(said))?.[1] ?? 'internal';
  const where = netns === undefined ? '' : ` in ${netns}`;
  const line = lines[failed - 1]?.join(' ') ?? `-batch (${lines.length} lines)`;
  return new SkepError(
    code,
    `${tool} ${line}${where}: ${said.replace(/\s*\n\s*/g, '; ') || 'failed without a message'}`,
  );
}
