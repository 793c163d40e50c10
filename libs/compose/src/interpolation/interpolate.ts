import { invalid, messageOf } from '#lib/common';
import { carryOrigins, located, positionOf } from '../origins.js';
import { dict, pathText, Tagged, type Dict, type Value } from '../values.js';
import { substitute, type Lookup } from './template.js';

/**
 * A copy of one document with the variables in its values replaced; keys stay. Types are settled later, by the schema,
 * so that `retries: ${N}` may become a number. Without a `lookup` everything stays as it is written.
 */
export function interpolate(document: Dict, lookup: Lookup | undefined, onUnset: (name: string) => void): Dict {
  const path: (string | number)[] = [];

  const visit = (value: Value): Value => {
    if (typeof value === 'string') return lookup && value.includes('$') ? replace(value, lookup) : value;
    if (value === null || typeof value !== 'object') return value;
    if (value instanceof Tagged) return new Tagged(value.tag, visit(value.value));
    if (Array.isArray(value)) {
      const list: Value[] = [];
      for (const [index, item] of value.entries()) list.push(inside(index, item));
      return carryOrigins(value, list);
    }
    const copy = dict();
    for (const key of Object.keys(value)) copy[key] = inside(key, value[key]!);
    return carryOrigins(value, copy);
  };

  const inside = (key: string | number, value: Value) => {
    path.push(key);
    const visited = visit(value);
    path.pop();
    return visited;
  };

  const replace = (text: string, known: Lookup) => {
    try {
      return substitute(text, known, onUnset);
    } catch (error) {
      const message = `error while interpolating ${pathText(path)}: ${messageOf(error)}`;
      throw invalid(located(positionOf(document, path), message), error);
    }
  };

  return visit(document) as Dict;
}
