import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import type Docker from 'dockerode';
import { SkepError } from '#lib/common';
import { dial } from './dial.js';
import { codeByWords, statusOf, toSkepError, wordsOf } from './errors.js';
import { withTag } from './image-name.js';
import { jsonLines } from './json-stream.js';

/** The image's id, or undefined when the engine does not have it. */
export async function imageId(docker: Docker, name: string): Promise<string | undefined> {
  try {
    return (await docker.getImage(name).inspect()).Id;
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw error;
  }
}

/** A root file system as a tar becomes an image. */
export async function importImage(docker: Docker, tar: Readable, name: string, changes: string[]): Promise<string> {
  const answer = await dial<IncomingMessage>(docker, {
    method: 'POST',
    path: '/images/create',
    // Podman ignores `tag`; Docker accepts the tag in `repo` too.
    query: { fromSrc: '-', repo: withTag(name), ...(changes.length && { changes }) },
    tar,
    stream: true,
  });
  for await (const message of jsonLines(answer)) {
    if (message.error) throw new SkepError(codeByWords(message.error), `import image ${name}: ${message.error}`);
  }
  const id = await imageId(docker, name);
  if (id === undefined)
    throw new SkepError('internal', `import image ${name}: the engine took it and does not have it`);
  return id;
}

/** Fetches an image from its registry. `progress` gets one line of text at a time. */
export async function pullImage(docker: Docker, name: string, progress: (text: string) => void): Promise<void> {
  try {
    const answer = await dial<IncomingMessage>(docker, {
      method: 'POST',
      path: '/images/create',
      query: { fromImage: withTag(name) },
      stream: true,
    });
    for await (const message of jsonLines(answer)) {
      if (message.error) throw pullError(name, message.error);
      const text = [message.id, message.status ?? message.stream, message.progress].filter(Boolean).join(' ').trim();
      if (text) progress(text);
    }
  } catch (error) {
    const status = statusOf(error);
    if (status === undefined) throw toSkepError(error, `pull ${name}`);
    throw pullError(name, wordsOf(error), error);
  }
}

const ABSENT =
  /manifest unknown|name unknown|not found|repository .*does not exist|denied|unauthorized|StatusCode: 404/i;
const AWAY =
  /no such host|connection refused|i\/o timeout|network is unreachable|no route to host|TLS|tls:|server gave HTTP|EOF|dial tcp|lookup /;

/** Docker's words stand first, since tools match them; the engine's own follow, since they say why. */
function pullError(name: string, words: string, cause?: unknown): SkepError {
  const code = AWAY.test(words) ? 'unavailable' : ABSENT.test(words) ? 'not_found' : codeByWords(words);
  const docker = {
    unavailable: 'the registry cannot be reached',
    not_found: `pull access denied for ${name.replace(/:[^/]+$/, '')}, repository does not exist or may require 'docker login'`,
  }[code as string];
  return new SkepError(code, `pull ${name}: ${docker ? `${docker}: ` : ''}${words}`, { cause });
}
