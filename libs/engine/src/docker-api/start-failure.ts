import { SkepError } from '#lib/common';
import { codeByWords } from './errors.js';

/** Podman: the runtime's words between the runtime's name and a class of errors. */
const PODMANS =
  /(runc|crun): (.*?)(?:: OCI (?:runtime attempted to invoke a command that was not found|permission denied|runtime error))?$/s;
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
  const message = DOCKERS.exec(words)?.[0] ?? dockersText(PODMANS.exec(words));
  if (message === undefined) return undefined;
  return new SkepError(OF_COMMAND.test(message) ? 'invalid' : codeByWords(message), message, { cause });
}

function dockersText(found: RegExpExecArray | null): string | undefined {
  if (!found) return undefined;
  const [, runtime, reason = ''] = found;
  // crun quotes the command otherwise, and says what errno says after it.
  const missing = /^executable file [`'"](.*?)[`'"] not found/.exec(reason)?.[1];
  const told = missing === undefined ? reason : `exec: ${JSON.stringify(missing)}: executable file not found in $PATH`;
  const whole = runtime === 'crun' ? `crun create failed: ${told}` : told;
  return `failed to create task for container: failed to create shim task: OCI runtime create failed: ${whole}: unknown`;
}
