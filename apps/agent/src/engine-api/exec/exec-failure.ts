import { Transform } from 'node:stream';
import { runtimeWords } from '#lib/engine';
import { FRAME_HEADER, streamFrame } from '#lib/http';

/** What a runtime says is a line. */
const LIMIT = 8192;
/** How Podman, and how Docker Engine, begins to say that it could not start the command; by stream where there are frames. */
const BEGINNINGS = { 2: 'Error: ', 1: 'OCI runtime exec failed: ' } as const;

/** Why a command could not be started, in Docker's words, and the exit code that stands for it; else undefined. */
export function execFailure(words: string): { message: string; exitCode: number } | undefined {
  const text = words.trim();
  const said = /^(Error: )?(runc|crun): /.test(text) ? runtimeWords(text) : undefined;
  if (!said) return undefined;
  const reason = said.reason.replace(/^exec failed: /, '');
  const missing = /not found|no such file/i.test(text);
  return { message: `OCI runtime exec failed: exec failed: ${reason}: unknown`, exitCode: missing ? 127 : 126 };
}

/**
 * An exec's output. Podman says on the command's error stream that it could not be started; there it becomes what Docker
 * says on its output, and what Podman adds is dropped. All else passes untouched, Docker's own words included.
 * @param notStarted called when the command could not be started
 */
export function execOutput(notStarted: () => void = () => undefined): Transform {
  let pending: Buffer | undefined = Buffer.alloc(0);
  let failed = false;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      if (failed) return done();
      if (pending === undefined) return done(null, chunk);
      pending = Buffer.concat([pending, chunk]);
      const opening = openingOf(pending);
      if (opening === 'more') return done();
      const failure = opening === undefined ? undefined : execFailure(opening.text);
      const out = failure && opening ? message(failure.message, opening.framed) : pending;
      failed = failure !== undefined;
      if (failed || opening?.text.startsWith(BEGINNINGS[1])) notStarted();
      pending = undefined;
      done(null, out);
    },
    flush(done) {
      done(null, pending);
    },
  });
}

/** The first thing said, where it may be an engine's; undefined: it is the command's; `more`: not known yet. */
function openingOf(seen: Buffer): { text: string; framed: boolean } | 'more' | undefined {
  if (seen[0]! > 2) {
    const text = seen.toString('utf8');
    if (!begins(text)) return undefined;
    if (text.includes('\n')) return { text, framed: false };
    return seen.length < LIMIT ? 'more' : undefined;
  }
  const stream = seen[0];
  if (stream !== 1 && stream !== 2) return undefined;
  if (seen.length < FRAME_HEADER) return 'more';
  const length = seen.readUInt32BE(4);
  const text = seen.subarray(FRAME_HEADER, FRAME_HEADER + length).toString('utf8');
  if (length > LIMIT || !text.startsWith(BEGINNINGS[stream].slice(0, text.length))) return undefined;
  return seen.length < FRAME_HEADER + length ? 'more' : { text, framed: true };
}

const begins = (text: string): boolean =>
  Object.values(BEGINNINGS).some((beginning) => text.startsWith(beginning.slice(0, text.length)));

/** A line of an engine's on a command's output. */
export function message(text: string, framed: boolean): Buffer {
  const line = `${text}\r\n`;
  return framed ? streamFrame(1, line) : Buffer.from(line);
}
