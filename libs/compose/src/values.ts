/** A Compose file's content between the YAML parser and the finished Project: plain data. */
export type Scalar = string | number | boolean | null;
export type Value = Scalar | Value[] | Dict | Tagged;

/** A mapping. It has no prototype, so that every key, `__proto__` included, is only a key. */
export interface Dict {
  [key: string]: Value;
}

/** A value that carries one of the two tags that act on the merge of files: `!reset` and `!override`. */
export class Tagged {
  constructor(
    readonly tag: 'reset' | 'override',
    readonly value: Value,
  ) {}
}

/** Keys and list indexes from the root. */
export type Path = readonly (string | number)[];

export const dict = (): Dict => Object.create(null) as Dict;

export function isDict(value: Value | undefined): value is Dict {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Tagged);
}

export function isScalar(value: Value | undefined): value is Scalar {
  return value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

/** Text that holds a variable, unless its dollars are doubled. */
export const hasVariable = (value: Value): value is string => typeof value === 'string' && value.includes('$');

export const isExtension = (key: string) => key.startsWith('x-');

export const dictAt = (holder: Dict, key: string): Dict | undefined => {
  const value = holder[key];
  return isDict(value) ? value : undefined;
};

/** Every entry of a mapping's mapping-valued child, e.g. each service of the model. */
export function* dictsIn(holder: Dict, key: string): Generator<[name: string, value: Dict]> {
  for (const [name, value] of Object.entries(dictAt(holder, key) ?? {})) {
    if (isDict(value)) yield [name, value];
  }
}

export const stringsOf = (value: Value | undefined): string[] =>
  Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];

/** `services.web.ports.0` */
export const pathText = (path: Path) => path.join('.');

/** What a value is, in the words of error messages. */
export function kindOf(value: Value | undefined): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (value instanceof Tagged) return `!${value.tag}`;
  if (typeof value === 'object') return 'a mapping';
  return `${typeof value === 'boolean' ? 'the boolean' : typeof value === 'number' ? 'the number' : 'the string'} ${JSON.stringify(value)}`;
}
