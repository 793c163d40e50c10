import { closest } from '#lib/common';
import type { Problems } from '../problems.js';
import { hasVariable, isDict, isExtension, isScalar, kindOf, pathText, type Value } from '../values.js';

/** Where a check stands. */
export interface At {
  path: readonly (string | number)[];
  problems: Problems;
  warn: (path: readonly (string | number)[], message: string) => void;
  /** variables have not been replaced: text that holds one may stand for anything */
  asWritten: boolean;
}

/**
 * Judges one value and gives it back in its canonical type: interpolation leaves text where numbers are meant. A wrong value becomes a
 * problem and is given back as it is.
 */
export type Check = (value: Value, at: At) => Value;

export function below(at: At, key: string | number): At {
  return { ...at, path: [...at.path, key] };
}

/** Whether what the value will be is not known yet. */
export const isOpen = (at: At, value: Value) => at.asWritten && hasVariable(value);

export function refuse(at: At, value: Value, expected: string): Value {
  if (isOpen(at, value)) return value;
  at.problems.add(at.path, `${pathText(at.path)} must be ${expected}; found ${kindOf(value)}`);
  return value;
}

export const any: Check = (value) => value;

/** Text; a number or boolean that stands where text is meant is refused, because its spelling is lost. */
export const text: Check = (value, at) => (typeof value === 'string' ? value : refuse(at, value, 'a string'));

/** Text that people often write as a number, such as a user id. */
export const looseText: Check = (value, at) =>
  typeof value === 'string' ? value : typeof value === 'number' ? String(value) : refuse(at, value, 'a string');

/** The value of a label, an option or a variable. */
export const textOrNull: Check = (value, at) =>
  value === null || typeof value === 'string'
    ? value
    : isScalar(value)
      ? String(value)
      : refuse(at, value, 'a boolean, null, number or string');

export const matching =
  (pattern: RegExp, expected: string): Check =>
  (value, at) =>
    typeof value === 'string' && pattern.test(value) ? value : refuse(at, value, expected);

export const oneOf =
  (...words: string[]): Check =>
  (value, at) => {
    if (typeof value === 'string' && words.includes(value)) return value;
    const hint = typeof value === 'string' ? closest(value, words) : undefined;
    return refuse(at, value, `one of ${words.join(', ')}${hint ? ` (perhaps ${hint})` : ''}`);
  };

const LEGACY_BOOLEANS: Readonly<Record<string, boolean>> = {
  y: true,
  yes: true,
  on: true,
  n: false,
  no: false,
  off: false,
};

export const bool: Check = (value, at) => {
  if (typeof value === 'boolean') return value;
  if (typeof value !== 'string') return refuse(at, value, 'a boolean');
  const word = value.toLowerCase();
  if (word === 'true' || word === '1') return true;
  if (word === 'false' || word === '0') return false;
  const legacy = LEGACY_BOOLEANS[word];
  if (legacy === undefined) return refuse(at, value, 'a boolean: true or false');
  at.warn(at.path, `"${value}" for boolean is not supported by YAML 1.2; write ${legacy}`);
  return legacy;
};

interface Limits {
  min?: number;
  max?: number;
}

const number =
  (noun: string, pattern: RegExp) =>
  ({ min = -Infinity, max = Infinity }: Limits = {}): Check =>
  (value, at) => {
    const parsed = typeof value === 'string' && pattern.test(value.trim()) ? Number(value) : value;
    if (typeof parsed !== 'number' || (noun === 'a integer' && !Number.isInteger(parsed)))
      return refuse(at, value, noun);
    if (parsed < min) return refuse(at, value, `greater than or equal to ${min}`);
    return parsed > max ? refuse(at, value, `less than or equal to ${max}`) : parsed;
  };

// "a integer" is how Docker Compose words it; people search for that text.
export const integer = number('a integer', /^[-+]?\d+$/);
export const decimal = number('a number', /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i);

export const listOf =
  (item: Check): Check =>
  (value, at) => {
    if (!Array.isArray(value)) return refuse(at, value, 'a list');
    for (let index = 0; index < value.length; index++) value[index] = item(value[index]!, below(at, index));
    return value;
  };

/** A mapping with keys of the user's choice. */
export const mapOf =
  (item: Check, keys?: { pattern: RegExp; expected: string }): Check =>
  (value, at) => {
    if (!isDict(value)) return refuse(at, value, 'a mapping');
    for (const key of Object.keys(value)) {
      const inner = below(at, key);
      if (keys && !keys.pattern.test(key) && !isOpen(at, key)) {
        at.problems.add(
          inner.path,
          `${pathText(at.path)}: additional properties '${key}' not allowed; ${keys.expected}`,
        );
      }
      value[key] = item(value[key]!, inner);
    }
    return value;
  };

export const orNull =
  (check: Check): Check =>
  (value, at) =>
    value === null ? value : check(value, at);

/** A mapping with known keys; `x-` keys are the user's own. A key without a value (`ports:`) says nothing and is taken away. */
export function record(
  checks: Readonly<Record<string, Check>>,
  options: { required?: string[]; nulls?: string[] } = {},
): Check {
  const known = new Map(Object.entries(checks));
  return (value, at) => {
    if (!isDict(value)) return refuse(at, value, 'a mapping');
    for (const key of Object.keys(value)) {
      const check = known.get(key);
      if (check) {
        if (value[key] === null && !options.nulls?.includes(key)) delete value[key];
        else value[key] = check(value[key]!, below(at, key));
      } else if (!isExtension(key)) unknownKey(key, at, known.keys());
    }
    for (const key of options.required ?? []) {
      if (value[key] === undefined) at.problems.add(at.path, `${pathText(at.path)} missing property '${key}'`);
    }
    return value;
  };
}

function unknownKey(key: string, at: At, known: Iterable<string>): void {
  const all = [...known];
  const meant = closest(key, all);
  const hint = meant ? `did you mean '${meant}'?` : `known are ${all.toSorted().join(', ')}`;
  const where = at.path.length > 0 ? `${pathText(at.path)}: ` : '';
  at.problems.add([...at.path, key], `${where}additional properties '${key}' not allowed; ${hint}`);
}

export const isText = (value: Value): value is string => typeof value === 'string';
