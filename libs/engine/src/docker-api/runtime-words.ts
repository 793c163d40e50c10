/** Podman puts an OCI runtime's words between its name and a class of errors. */
const SAID =
  /(runc|crun): (.*?)(?:: OCI (?:runtime attempted to invoke a command that was not found|permission denied|runtime error))?$/s;

/**
 * What an OCI runtime says of a process that it did not start, out of what Podman says. crun's words become runc's as far as
 * clients take exit codes from them. Undefined: no runtime said it. Pure.
 */
export function runtimeWords(text: string): { runtime: string; reason: string } | undefined {
  const [, runtime, reason] = SAID.exec(text) ?? [];
  if (runtime === undefined || reason === undefined) return undefined;
  return { runtime, reason: runtime === 'crun' ? likeRunc(reason) : reason };
}

/** crun quotes the command otherwise, and ends with what strerror(3) says: "Permission denied". */
function likeRunc(reason: string): string {
  const missing = /^executable file [`'"](.*?)[`'"] not found/.exec(reason)?.[1];
  if (missing !== undefined) return `exec: ${JSON.stringify(missing)}: executable file not found in $PATH`;
  return reason.replace(/[^:]*$/, (errno) => errno.toLowerCase());
}
