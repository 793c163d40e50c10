import { invalid, SkepError } from '#lib/common';
import type { Message } from '../images/messages.js';

const STEP = /^(?:\[\d+\/\d+\] )?STEP (\d+)\/(\d+): (.*)\n$/s;
const CACHED = /^--> Using cache ([0-9a-f]{12})[0-9a-f]*\n$/;
const LAYER = /^--> ([0-9a-f]{11,})\n$/;
/** What Buildah says beside what Docker says. */
const ITS_OWN = [
  /^(?:\[\d+\/\d+\] )?COMMIT\b/,
  /^[0-9a-f]{64}\n$/,
  /^Successfully tagged docker\.io\//,
  /^Resolving /,
  /^time="[^"]*" level=error msg="\+\(UNHANDLED LOGLEVEL\)/,
];

/**
 * Podman's build in the words of Docker's classic builder; those of Docker Engine are its already. What fails before
 * anything is built throws, later it is a message.
 * @param quiet only the image's id is told, and everything where the build fails
 * @returns the image's id; undefined where the build failed
 */
export async function* buildMessages(
  engine: AsyncIterable<Message>,
  quiet: boolean,
): AsyncGenerator<Message, string | undefined> {
  let begun = false;
  let id: string | undefined;
  const kept: Message[] = [];
  for await (const message of engine) {
    if (message.error !== undefined) {
      const failure = buildFailure(message);
      if (!begun) throw failure.refusal;
      yield* kept;
      yield failure.message;
      return undefined;
    }
    const told = inDockersWords(message);
    if (told === undefined) continue;
    begun = true;
    // Docker Engine tells the id of each stage: the last one is the image's.
    id = (told.aux as { ID?: string } | undefined)?.ID ?? id;
    if (quiet) kept.push(told);
    else yield told;
  }
  if (quiet && id !== undefined) yield { stream: `${id}\n` };
  return id;
}

function inDockersWords(message: Message): Message | undefined {
  const { stream } = message;
  if (stream === undefined) return message;
  if (ITS_OWN.some((pattern) => pattern.test(stream))) return undefined;
  const [, number, count, instruction] = STEP.exec(stream) ?? [];
  if (number !== undefined) return { stream: `Step ${number}/${count} : ${instruction}\n` };
  const cached = CACHED.exec(stream)?.[1];
  if (cached !== undefined) return { stream: ' ---> Using cache\n' };
  const layer = LAYER.exec(stream)?.[1];
  return layer === undefined ? message : { stream: ` ---> ${layer}\n` };
}

/** A build's error as a message, and as the refusal of a build that had not begun. */
function buildFailure({ error = '', errorDetail }: Message): { message: Message; refusal: SkepError } {
  const words = error.trim();
  const [, command, status] =
    /building at STEP "RUN (.*)": while running runtime: exit status (\d+)/s.exec(words) ?? [];
  if (status !== undefined) {
    const text = `The command '/bin/sh -c ${command}' returned a non-zero code: ${status}`;
    const errorDetail = { code: Number(status), message: text };
    return { message: { errorDetail, error: text }, refusal: new SkepError('internal', text) };
  }
  const text = inDockersErrors(words);
  return { message: { errorDetail: { ...errorDetail, message: text }, error: text }, refusal: invalid(text) };
}

/** What is wrong with a build before or beside its commands: the engine's words, and Docker's. First match wins. */
const FAILURES: readonly [RegExp, (...found: string[]) => string][] = [
  [
    /building at STEP "(COPY|ADD) .*copier: stat: "\/?(.*?)": no such file/s,
    (instruction, path) =>
      `${instruction} failed: file not found in build context or excluded by .dockerignore: stat ${path}: file does not exist`,
  ],
  [/building at STEP "ADD .*reading "[^"]*": (Get ".*)$/s, (why) => `ADD failed: ${why}`],
  [/Unknown instruction: "(\w+)"/, (instruction) => `dockerfile parse error: unknown instruction: ${instruction}`],
  [/no contents in "\S*\/build\/(\S+)"/, (file) => `the Dockerfile (${file}) cannot be empty`],
  [/The target "(.*?)" was not found/, (target) => `failed to reach build target ${target} in Dockerfile`],
  [/stat \S*\/build\/(\S+): no such file or directory/, (file) => `Cannot locate specified Dockerfile: ${file}`],
];

function inDockersErrors(words: string): string {
  for (const [pattern, word] of FAILURES) {
    const found = pattern.exec(words);
    if (found) return word(...found.slice(1));
  }
  return words;
}
