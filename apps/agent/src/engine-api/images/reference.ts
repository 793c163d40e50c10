import { invalid } from '#lib/common';
import { familiarName, withTag } from '#lib/engine';

/** The reference grammar of Docker's distribution: a registry's domain or address, with its port, and the path on it. */
const DOMAIN = String.raw`(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*|\[[0-9a-fA-F:]+\])(?::\d+)?`;
const SEGMENT = String.raw`[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*`;
const REPOSITORY = new RegExp(`^(?:${DOMAIN}/)?${SEGMENT}(?:/${SEGMENT})*$`);
const TAG = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;
const DIGEST = /^[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[0-9a-f]{32,}$/;

/** An image as people name it. */
export interface Reference {
  /** familiar: without docker.io/ and library/ */
  repository: string;
  /** undefined with a digest, and of a whole repository */
  tag?: string;
  digest?: string;
}

/** As `parseRepository`, and one that names neither tag nor digest means `latest`. */
export function parseReference(name: string, beside = ''): Reference {
  const { repository, tag, digest } = parseRepository(name, beside);
  return digest === undefined ? { repository, tag: tag ?? 'latest' } : { repository, digest };
}

/**
 * `repository[:tag][@digest]`, and the tag or digest that clients give beside it. Neither: the whole repository. Errors
 * in Docker's words.
 */
export function parseRepository(name: string, beside = ''): Reference {
  const [named = '', inName] = name.split('@');
  const tagged = /^(.*):([^/:]*)$/.exec(named);
  const repository = familiarName(tagged ? tagged[1]! : named);
  const digest = beside.includes(':') ? beside : inName;
  const tag = beside !== '' && !beside.includes(':') ? beside : tagged?.[2];
  if (/[A-Z]/.test(repository.slice(repository.indexOf('/') + 1))) {
    throw invalid(`invalid reference format: repository name (${repository}) must be lowercase`);
  }
  const wrong =
    name.length > 512 ||
    !REPOSITORY.test(repository) ||
    (tag !== undefined && !TAG.test(tag)) ||
    (digest !== undefined && !DIGEST.test(digest));
  if (wrong) throw invalid(`invalid reference format: ${JSON.stringify(name.slice(0, 256))}`);
  return digest === undefined ? { repository, ...(tag !== undefined && { tag }) } : { repository, digest };
}

export const isWhole = ({ tag, digest }: Reference): boolean => tag === undefined && digest === undefined;

export function toText({ repository, tag, digest }: Reference): string {
  if (digest !== undefined) return `${repository}@${digest}`;
  return tag === undefined ? repository : `${repository}:${tag}`;
}

/** Docker's words for an image that is not here. */
export function noSuchImage(name: string): string {
  return `No such image: ${withTag(familiarName(name))}`;
}
