import { closest, invalid } from '#lib/common';

/** More keys or values than any client sends. */
const LIMIT = 1_000;
const TRUE = ['1', 'true', 'True', 'TRUE', 't', 'T'];
const FALSE = ['0', 'false', 'False', 'FALSE', 'f', 'F'];

/** Filters of a listing: name → values of which one must fit. */
export class Filters {
  private constructor(private readonly values: ReadonlyMap<string, readonly string[]>) {}

  /**
   * From the query's `filters`: `{"name":{"value":true}}` or `{"name":["value"]}`, both in use by clients. Names that
   * are not known are refused in Docker's words.
   */
  static parse(text: string | undefined, known: readonly string[]): Filters {
    if (text === undefined || text === '') return new Filters(new Map());
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch {
      throw invalid(`invalid filter: ${text.slice(0, 100)}: JSON is expected`);
    }
    if (json === null || typeof json !== 'object' || Array.isArray(json)) {
      throw invalid('invalid filter: an object of names is expected, e.g. {"name":["web"]}');
    }
    const entries = Object.entries(json as Record<string, unknown>);
    if (entries.length > LIMIT) throw invalid(`invalid filter: ${entries.length} names; at most ${LIMIT} are accepted`);
    return new Filters(
      new Map(
        entries.map(([name, given]) => {
          if (!known.includes(name)) throw unknownFilter(name, known);
          return [name, valuesOf(name, given)] as const;
        }),
      ),
    );
  }

  has(name: string): boolean {
    return this.values.has(name);
  }

  all(name: string): readonly string[] {
    return this.values.get(name) ?? [];
  }

  /** True where nothing is asked of this name, or one of the values fits. */
  any(name: string, fits: (value: string) => boolean): boolean {
    const values = this.values.get(name);
    return values === undefined || values.length === 0 || values.some(fits);
  }

  /** True where each value fits: labels must all be there. */
  every(name: string, fits: (value: string) => boolean): boolean {
    return this.all(name).every(fits);
  }

  /** A filter that is on or off; undefined when it is not given. */
  boolean(name: string): boolean | undefined {
    const values = this.values.get(name);
    if (values === undefined || values.length === 0) return undefined;
    const states = new Set(
      values.map((value) => {
        if (TRUE.includes(value)) return true;
        if (FALSE.includes(value)) return false;
        throw invalid(`invalid filter '${name}=${value}': true or false is expected`);
      }),
    );
    if (states.size > 1) throw invalid(`invalid filter '${name}=[${values.join(' ')}]': one value is expected`);
    return states.has(true);
  }
}

/** `key` or `key=value` against labels. */
export function labelFits(labels: Readonly<Record<string, string>>, wanted: string): boolean {
  const at = wanted.indexOf('=');
  return at < 0 ? wanted in labels : labels[wanted.slice(0, at)] === wanted.slice(at + 1);
}

/**
 * A part of the name, or a regular expression for it; a text that is none counts as it is. A repeated group is not
 * tried: such an expression can take for ever.
 */
export function nameFits(name: string, wanted: string): boolean {
  if (name.includes(wanted)) return true;
  if (wanted.length > 256 || /\)[*+?{]/.test(wanted)) return false;
  try {
    return new RegExp(wanted).test(name);
  } catch {
    return false;
  }
}

function valuesOf(name: string, given: unknown): string[] {
  const values = Array.isArray(given)
    ? given
    : given !== null && typeof given === 'object'
      ? Object.entries(given)
          .filter(([, on]) => on !== false)
          .map(([value]) => value)
      : undefined;
  if (values === undefined || !values.every((value) => typeof value === 'string')) {
    throw invalid(`invalid filter '${name}': a list of texts is expected`);
  }
  if (values.length > LIMIT) throw invalid(`invalid filter '${name}': at most ${LIMIT} values are accepted`);
  return values;
}

function unknownFilter(name: string, known: readonly string[]): Error {
  const meant = closest(name, known);
  const hint = meant ? `did you mean ${meant}?` : `known: ${known.join(', ')}`;
  return invalid(`invalid filter '${name.slice(0, 100)}'; ${hint}`);
}
