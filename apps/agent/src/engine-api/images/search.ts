import { invalid } from '#lib/common';
import { familiarName } from '#lib/engine';
import type { Filters } from '#lib/http';

/** An entry of GET /images/search. */
export interface FoundImage {
  name: string;
  description: string;
  star_count: number;
  is_official: boolean;
  is_automated: boolean;
}

/** The same as Podman has it. */
export interface PodmansFoundImage {
  /** with its registry */
  Name: string;
  Description: string;
  Stars: number;
  /** `[OK]`, or empty */
  Official: string;
  Automated: string;
}

export const SEARCH_FILTERS = ['is-automated', 'is-official', 'stars'];

/** Podman takes what is before a slash for a registry, Docker only what can be one. */
export function searchTerm(term: string): string {
  return /^(?:localhost|[^/]*[.:][^/]*)\//.test(term) ? term : `docker.io/${term}`;
}

export function foundImage(found: FoundImage | PodmansFoundImage): FoundImage {
  if ('name' in found) return found;
  return {
    name: familiarName(found.Name),
    description: found.Description,
    star_count: found.Stars,
    is_official: found.Official === '[OK]',
    is_automated: found.Automated === '[OK]',
  };
}

export function searchFilter(filters: Filters): (found: FoundImage) => boolean {
  const official = filters.boolean('is-official');
  const automated = filters.boolean('is-automated');
  const stars = Math.max(0, ...filters.all('stars').map(starsIn));
  return ({ star_count, is_official, is_automated }) =>
    (official ?? is_official) === is_official && (automated ?? is_automated) === is_automated && star_count >= stars;
}

function starsIn(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw invalid(`invalid filter 'stars=${text}': a whole number is expected`);
}
