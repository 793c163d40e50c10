import { SkepError } from '#lib/common';
import { toText, type Reference } from './reference.js';

/** What stands before the registry's own words. */
const FRAME = /^(?:initializing source \S+: )?(?:pinging container registry \S+: |reading manifest \S+ in \S+: )?/;
const ABSENT = /name unknown|repository .*not known|denied: |access .* denied|StatusCode: 404/i;

/**
 * What an engine says of a pull that failed, in Docker's words. Missing credentials are no 401, as with Docker: the docker
 * CLI would ask for some, and wait for ever where nobody types.
 */
export function pullRefusal(reference: Reference, words: string): SkepError {
  const registry = words.replace(FRAME, '').trim();
  if (/manifest unknown/i.test(words)) {
    return new SkepError(
      'not_found',
      `manifest for ${toText(reference)} not found: manifest unknown: manifest unknown`,
    );
  }
  if (ABSENT.test(words)) {
    const { repository } = reference;
    return new SkepError(
      'not_found',
      `pull access denied for ${repository}, repository does not exist or may require 'docker login': ${registry}`,
    );
  }
  return new SkepError('internal', registry);
}
