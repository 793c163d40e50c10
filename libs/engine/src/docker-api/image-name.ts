/**
 * An image's name as people write it in Docker: without `docker.io/` and `library/`. Ids and names of other registries
 * stay as they are.
 */
export function familiarName(name: string): string {
  const rest = /^(?:docker\.io|index\.docker\.io)\/(.+)$/.exec(name)?.[1];
  if (rest === undefined) return name;
  return /^library\/([^/]+)$/.exec(rest)?.[1] ?? rest;
}

/** The other way: with `docker.io/` and `library/` where no registry is named. */
export function fullName(name: string): string {
  const [first = '', ...rest] = name.split('/');
  if (rest.length === 0) return `docker.io/library/${name}`;
  return /[.:]|^localhost$/.test(first) ? name : `docker.io/${name}`;
}

/** With `:latest` when neither tag nor digest is given. */
export function withTag(name: string): string {
  if (isLasting(name)) return name;
  return /:[^/]+$/.test(name) ? name : `${name}:latest`;
}

/** An id or a digest, which stands for the same image for ever; a tag may go to another one. */
export function isLasting(name: string): boolean {
  return name.includes('@') || /^(?:sha256:)?[0-9a-f]{64}$/.test(name);
}
