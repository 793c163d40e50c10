import { SkepError } from '#lib/common';
import { codeByWords } from './errors.js';
import { runtimeWords } from './runtime-words.js';

const DOCKERS = /failed to create task for container: .*$/s;
/** Looked up by the engine itself, in the container's files. */
const NO_USER = /unable to find (?:user|group) [^:]*: no matching entries in (?:passwd|group) file/;
const OF_COMMAND = /executable file not found|no such file or directory|permission denied|is a directory/i;

/**
 * Why a runtime did not start a container's process, in Docker's words, from which its client takes the exit code;
 * `invalid` where the command is at fault. Undefined: it was not the runtime that refused. Pure.
 */
export function startFailure(words: string, cause?: unknown): SkepError | undefined {
  const user = NO_USER.exec(words)?.[0];
  if (user !== undefined) return new SkepError('invalid', user, { cause });
  const message = DOCKERS.exec(words)?.[0] ?? dockersText(words);
  if (message === undefined) return undefined;
  return new SkepError(OF_COMMAND.test(message) ? 'invalid' : codeByWords(message), message, { cause });
}

function dockersText(words: string): string | undefined {
  const said = runtimeWords(words);
  if (!said) return undefined;
  const whole = said.runtime === 'crun' ? `crun create failed: ${said.reason}` : said.reason;
  return `failed to create task for container: failed to create shim task: OCI runtime create failed: ${whole}: unknown`;
}
