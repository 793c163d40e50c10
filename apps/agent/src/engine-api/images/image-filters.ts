import { notFound } from '#lib/common';
import { type Filters, instantOf, labelFits } from '#lib/http';
import type { listedImage } from './views.js';

type Image = ReturnType<typeof listedImage>;

export const IMAGE_FILTERS = ['dangling', 'label', 'before', 'since', 'until', 'reference'];

/**
 * GET /images/json's filters. Pure.
 * @param images newest or oldest first, as they are to stay
 * @param now milliseconds since the epoch
 */
export function filteredImages(images: readonly Image[], filters: Filters, now: number): Image[] {
  const dangling = filters.boolean('dangling');
  const createdOf = (name: string) => find(images, name).Created;
  const before = filters.all('before').map(createdOf);
  const since = filters.all('since').map(createdOf);
  const until = filters.all('until').map((text) => Number(instantOf('until', text, now) / 1_000_000_000n));
  const patterns = filters.all('reference');
  return images
    .filter((image) => dangling === undefined || dangling === isDangling(image))
    .filter((image) => filters.every('label', (wanted) => labelFits(image.Labels ?? {}, wanted)))
    .filter(({ Created }) => before.every((at) => Created < at) && since.every((at) => Created > at))
    .filter(({ Created }) => until.every((at) => Created < at))
    .flatMap((image) => (patterns.length === 0 ? [image] : withNames(image, patterns)));
}

export function isDangling(image: Pick<Image, 'RepoTags'>): boolean {
  return image.RepoTags.length === 0;
}

/** The image with only those of its names that one of the patterns fits; nothing where none does. */
function withNames(image: Image, patterns: readonly string[]): Image[] {
  const fits = (name: string) => patterns.some((pattern) => referenceFits(name, pattern));
  const RepoTags = image.RepoTags.filter(fits);
  const RepoDigests = image.RepoDigests.filter(fits);
  return RepoTags.length + RepoDigests.length === 0 ? [] : [{ ...image, RepoTags, RepoDigests }];
}

/** A glob over the whole name, or over the repository alone. `*` does not pass a slash. */
function referenceFits(name: string, pattern: string): boolean {
  const repository = name.replace(/@.*$|:[^/:]*$/, '');
  const expression = globExpression(pattern);
  return [name, repository].some((each) => expression.test(each));
}

function globExpression(pattern: string): RegExp {
  const literal = pattern.slice(0, 256).replace(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${literal.replace(/\*+/g, '[^/]*').replace(/\?/g, '[^/]')}$`);
}

function find(images: readonly Image[], name: string): Image {
  const found = images.find(
    (image) =>
      [name, `${name}:latest`].some((each) => image.RepoTags.includes(each)) ||
      image.RepoDigests.includes(name) ||
      image.Id.replace('sha256:', '').startsWith(name.replace('sha256:', '')),
  );
  if (!found) throw notFound(`No such image: ${name}`);
  return found;
}
