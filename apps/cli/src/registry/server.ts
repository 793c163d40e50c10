/** As Docker's config.json names Docker Hub. */
const HUB = 'https://index.docker.io/v1/';

/** The registry of an image, by the name that a login there is kept under. */
export function serverOf(image: string): string {
  const [first = '', ...rest] = image.split('/');
  const isRegistry = rest.length > 0 && /[.:]|^localhost$/.test(first);
  return !isRegistry || /^(index\.)?docker\.io$/.test(first) ? HUB : first;
}
