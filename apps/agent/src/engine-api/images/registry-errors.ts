import { SkepError } from '#lib/common';
import { toText, type Reference } from './reference.js';

/** What stands before the registry's own words. */
const FRAME = /^(?:initializing source \S+: )?(?:pinging container registry \S+: |reading manifest \S+ in \S+: )?/;
const ABSENT = /name unknown|repository .*not known|denied: |access .* denied|StatusCode: 404/i;
const NO_CREDENTIALS = /unauthorized|authentication required|no basic auth credentials|invalid username/i;

/** What an engine says of a pull that failed, in Docker's words. */
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
  return new SkepError(NO_CREDENTIALS.test(words) ? 'unauthorized' : 'internal', registry);
}
