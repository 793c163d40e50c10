import { invalid } from '#lib/common';
import { carryOrigins, located, mark, originIn, positionOf } from '../origins.js';
import { dict, isDict, kindOf, pathText, Tagged, type Dict, type Value } from '../values.js';

type Rule = (base: Value, override: Value, path: readonly string[]) => Value;

const replace: Rule = (_base, override) => clone(override);

/** Options belong to their driver: with another driver they are another driver's. */
const logging: Rule = (base, override, path) => {
  if (!isDict(base) || !isDict(override)) return clone(override);
  const sameDriver = base.driver === undefined || override.driver === undefined || base.driver === override.driver;
  return sameDriver ? mergeDicts(base, override, path) : clone(override);
};

/** Pools are joined by their subnet. */
const pools: Rule = (base, override, path) => {
  if (!Array.isArray(base) || !Array.isArray(override)) return clone(override);
  const result = clone(base) as Value[];
  for (const [index, pool] of override.entries()) {
    const known = result.findIndex((item) => isDict(item) && isDict(pool) && item.subnet === pool.subnet);
    const position = known < 0 ? result.length : known;
    result[position] = known < 0 ? clone(pool) : mergeDicts(result[known] as Dict, pool as Dict, path);
    mark(result, position, originIn(override, index));
  }
  return result;
};

/** Attributes that are not joined in the general way; `*` stands for any one key. Values are canonical. */
const RULES: readonly (readonly [pattern: readonly string[], rule: Rule])[] = [
  [['services', '*', 'command'], replace],
  [['services', '*', 'entrypoint'], replace],
  [['services', '*', 'environment', '*'], replace],
  [['services', '*', 'extends'], replace],
  [['services', '*', 'healthcheck', 'test'], replace],
  [['services', '*', 'logging'], logging],
  [['services', '*', 'ulimits', '*'], replace],
  [['services', '*', 'build', 'args', '*'], replace],
  [['services', '*', 'build', 'ulimits', '*'], replace],
  [['networks', '*', 'ipam', 'config'], pools],
];
/**
 * `override` over `base`, as a new value: mappings are joined key by key, lists appended, other values replaced; a null says nothing.
 * `!reset` takes the attribute away, `!override` puts its value in place of all that came before.
 */
export function mergeModels(base: Dict, override: Dict, path: readonly string[] = []): Dict {
  return mergeDicts(base, override, path);
}

function mergeDicts(base: Dict, override: Dict, path: readonly string[]): Dict {
  const result = dict();
  for (const [key, value] of Object.entries(base)) {
    if (!(key in override)) keep(result, base, key, clone(value));
    else if (!isReset(override[key])) {
      const merged = mergeValues(value, override[key]!, [...path, key], override);
      keep(result, override[key] === null ? base : override, key, merged);
    }
  }
  for (const [key, value] of Object.entries(override)) {
    if (!(key in base) && !isReset(value)) keep(result, override, key, clone(value));
  }
  return result;
}

function mergeValues(base: Value, override: Value, path: readonly string[], holder: Dict): Value {
  if (override instanceof Tagged) return clone(override.value);
  if (base instanceof Tagged) return mergeValues(base.value, override, path, holder);
  const rule = ruleFor(path);
  if (rule) return rule(base, override, path);
  if (override === null) return clone(base);
  if (base === null) return clone(override);
  if (isDict(base) && isDict(override)) return mergeDicts(base, override, path);
  if (Array.isArray(base) && Array.isArray(override)) return appended(base, override);
  if (typeof base === 'object' || typeof override === 'object') {
    const message = `cannot override ${pathText(path)}: it is ${kindOf(base)}, and ${kindOf(override)} would replace it`;
    throw invalid(located(positionOf(holder, [path.at(-1)!]), message));
  }
  return override;
}

function ruleFor(path: readonly string[]): Rule | undefined {
  for (const [pattern, rule] of RULES) {
    if (pattern.length !== path.length) continue;
    if (pattern.every((part, index) => part === '*' || part === path[index])) return rule;
  }
  return undefined;
}

function appended(base: Value[], override: Value[]): Value[] {
  const result = clone(base) as Value[];
  for (const [index, item] of override.entries()) {
    mark(result, result.length, originIn(override, index));
    result.push(clone(item));
  }
  return result;
}

function keep(result: Dict, from: Dict, key: string, value: Value): void {
  result[key] = value;
  mark(result, key, originIn(from, key));
}

const isReset = (value: Value | undefined) => value instanceof Tagged && value.tag === 'reset';

/** A deep copy with origins, so that two services that extend one never share a value. Tags stay. */
export function clone(value: Value): Value {
  if (value === null || typeof value !== 'object') return value;
  if (value instanceof Tagged) return new Tagged(value.tag, clone(value.value));
  if (Array.isArray(value)) return carryOrigins(value, value.map(clone));
  const copy = dict();
  for (const [key, item] of Object.entries(value)) copy[key] = clone(item);
  return carryOrigins(value, copy);
}

/** Applies the tags that nothing was merged under: in place, `!reset` attributes go and `!override` values stay. */
export function dropTags(value: Value): void {
  if (Array.isArray(value)) {
    for (let index = value.length - 1; index >= 0; index--) {
      if (isReset(value[index])) value.splice(index, 1);
      else value[index] = untagged(value[index]!);
    }
  } else if (isDict(value)) {
    for (const key of Object.keys(value)) {
      const item = value[key]!;
      if (isReset(item)) delete value[key];
      else if (item instanceof Tagged) value[key] = untagged(item);
      else if (typeof item === 'object') dropTags(item);
    }
  }
}

function untagged(value: Value): Value {
  const inner = value instanceof Tagged ? value.value : value;
  dropTags(inner);
  return inner;
}
