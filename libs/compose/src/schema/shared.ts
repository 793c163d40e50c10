import {
  integer,
  isOpen,
  isText,
  listOf,
  looseText,
  mapOf,
  record,
  refuse,
  text,
  textOrNull,
  type Check,
} from './kinds.js';
import { fileMode } from './quantities.js';

export const strings = listOf(text);
export const looseStrings = listOf(looseText);
export const mapping = mapOf(textOrNull);

/** `secrets` and `configs` of a service or a build. */
export const fileReferences = listOf(
  record({ source: text, target: text, uid: looseText, gid: looseText, mode: fileMode }, { required: ['source'] }),
);

const limit = integer({ min: -1 });
const limits = record({ soft: limit, hard: limit }, { required: ['soft', 'hard'] });
export const ulimits: Check = mapOf((value, at) =>
  isText(value) || typeof value === 'number' ? limit(value, at) : limits(value, at),
);

/** `all`, or how many. */
const count: Check = (value, at) => {
  if (value === 'all') return -1;
  if (typeof value === 'number' || (isText(value) && /^-?\d+$/.test(value))) return integer({ min: -1 })(value, at);
  if (!isText(value) || isOpen(at, value)) return refuse(at, value, "'all' or a number");
  at.problems.add(
    at.path,
    `${at.path.join('.')}: invalid value ${JSON.stringify(value)}, the only value allowed is 'all' or a number`,
  );
  return value;
};

export const deviceRequests = listOf(
  record({ capabilities: strings, count, device_ids: strings, driver: text, options: mapping }),
);
