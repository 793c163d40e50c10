import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import type Docker from 'dockerode';
import { SkepError } from '#lib/common';
import { givenLabels } from '#lib/domain';
import type { ImageConfig, ImageDefaults, PullOptions } from '../engine.js';
import { encodedCredentials } from '../registry/registries.js';
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

export function imageConfigOf(image: Docker.ImageInspectInfo): ImageConfig {
  const defaults = Object.fromEntries(
    Object.entries(image.Config ?? {}).filter(([, value]) => value !== null && value !== ''),
  ) as ImageDefaults;
  // Of a committed container.
  if (defaults.Labels) defaults.Labels = givenLabels(defaults.Labels);
  return {
    id: image.Id.includes(':') ? image.Id : `sha256:${image.Id}`,
    digests: (image.RepoDigests ?? []).flatMap((name) => name.split('@')[1] ?? []),
    platform: [image.Os, image.Architecture, (image as { Variant?: string }).Variant].filter(Boolean).join('/'),
    exposedPorts: Object.keys(defaults.ExposedPorts ?? {}),
    defaults,
  };
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

/** Fetches an image from its registry. */
export async function pullImage(docker: Docker, name: string, options: PullOptions): Promise<void> {
  try {
    const answer = await dial<IncomingMessage>(docker, {
      method: 'POST',
      path: '/images/create',
      query: { fromImage: withTag(name) },
      headers: options.credentials && { 'X-Registry-Auth': encodedCredentials(options.credentials) },
      stream: true,
    });
    for await (const message of jsonLines(answer)) {
      if (message.error) throw pullError(name, message.error);
      const text = [message.id, message.status ?? message.stream, message.progress].filter(Boolean).join(' ').trim();
      if (text) options.progress?.(text);
    }
  } catch (error) {
    const translated = toSkepError(error, `pull ${name}`);
    throw statusOf(error) === undefined ? translated : pullError(name, wordsOf(error), translated);
  }
}

const ABSENT =
  /manifest unknown|name unknown|not found|repository .*does not exist|denied|unauthorized|StatusCode: 404/i;
const AWAY =
  /no such host|connection refused|i\/o timeout|network is unreachable|no route to host|TLS|tls:|server gave HTTP|EOF|dial tcp|lookup /;

/**
 * Docker's words stand first, since tools match them; the engine's own follow, since they say why.
 * @param answered the engine's answer, where it did not even begin to pull
 */
function pullError(name: string, words: string, answered?: SkepError): SkepError {
  if (AWAY.test(words)) {
    return new SkepError('unavailable', `pull ${name}: the registry cannot be reached: ${words}`, { cause: answered });
  }
  if (ABSENT.test(words)) {
    const repository = name.replace(/:[^/]+$/, '');
    const docker = `pull access denied for ${repository}, repository does not exist or may require 'docker login'`;
    return new SkepError('not_found', `pull ${name}: ${docker}: ${words}`, { cause: answered });
  }
  return answered ?? new SkepError(codeByWords(words), `pull ${name}: ${words}`);
}
