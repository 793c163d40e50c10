import { carryOrigins, mark, originIn } from '../origins.js';
import { dict, hasVariable, isDict, isScalar, Tagged, type Dict, type Value } from '../values.js';

/** Turns one attribute's short form into its long one. What it does not understand it leaves, and the schema refuses it. */
export type Convert = (value: Value) => Value;

/** Applies converters to the attributes of a mapping, in place. */
export function convertFields(holder: Value | undefined, converters: Readonly<Record<string, Convert>>): void {
  if (!isDict(holder)) return;
  for (const key of Object.keys(holder)) {
    const convert = Object.hasOwn(converters, key) ? converters[key] : undefined;
    if (convert) holder[key] = through(holder[key]!, convert);
  }
}

/** Converts what a merge tag holds and keeps the tag. */
export function through(value: Value, convert: Convert): Value {
  if (!(value instanceof Tagged)) return convert(value);
  return value.tag === 'reset' ? value : new Tagged(value.tag, convert(value.value));
}

/** A list of `KEY=value` or `KEY`, or a mapping, to a mapping of strings; a key alone gets `absent`. */
export const toMapping =
  (absent: string | null): Convert =>
  (value) => {
    if (Array.isArray(value)) {
      if (!value.every(isScalar)) return value;
      const result = dict();
      for (const [index, item] of value.entries()) {
        const text = String(item ?? '');
        const equals = text.indexOf('=');
        const key = equals < 0 ? text : text.slice(0, equals);
        result[key] = equals < 0 ? absent : text.slice(equals + 1);
        mark(result, key, originIn(value, index));
      }
      return result;
    }
    return isDict(value) ? mapScalars(value, absent) : value;
  };

function mapScalars(value: Dict, absent: string | null): Dict {
  const result = dict();
  for (const [key, item] of Object.entries(value)) {
    result[key] = item === null ? absent : typeof item === 'number' || typeof item === 'boolean' ? String(item) : item;
  }
  return carryOrigins(value, result);
}

/** A list of names, or a mapping from names, to a mapping. */
export const namesTo =
  (make: () => Value): Convert =>
  (value) => {
    if (!Array.isArray(value) || !value.every((item) => typeof item === 'string')) return value;
    const result = dict();
    for (const [index, name] of value.entries()) {
      result[name] = make();
      mark(result, name, originIn(value, index));
    }
    return result;
  };

/** One value where a list is meant. */
export const toList: Convert = (value) => {
  if (!isScalar(value) || value === null) return value;
  return [value];
};

/** Each item of a list by `convert`, which may give several. */
export const eachItem =
  (convert: (item: Value) => Value | Value[]): Convert =>
  (value) => {
    if (!Array.isArray(value)) return value;
    const result: Value[] = [];
    for (const [index, item] of value.entries()) {
      const converted = convert(item);
      for (const one of Array.isArray(converted) ? converted : [converted]) {
        mark(result, result.length, originIn(value, index));
        result.push(one);
      }
    }
    return result;
  };

/** Leaves text that holds a variable: where those are not replaced, nobody knows what it will be. */
export const unlessVariable =
  (convert: Convert): Convert =>
  (value) =>
    hasVariable(value) ? value : convert(value);

/** A string item as a mapping with that one attribute. */
export const stringAs =
  (key: string) =>
  (item: Value): Value =>
    typeof item === 'string' ? fields({ [key]: item }) : item;

export const numberToString = (item: Value): Value => (typeof item === 'number' ? String(item) : item);

/** A mapping without a prototype, from a literal; undefined values are left out. */
export function fields(entries: Record<string, Value | undefined>): Dict {
  const result = dict();
  for (const [key, value] of Object.entries(entries)) if (value !== undefined) result[key] = value;
  return result;
}
