import type { ErrorCode } from './errors.js';

const STATUSES: Readonly<Record<ErrorCode, number>> = {
  invalid: 400,
  unauthorized: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  unsupported: 501,
  unavailable: 503,
  exhausted: 500,
  timeout: 504,
  internal: 500,
};

const CODES: ReadonlyMap<number, ErrorCode> = new Map<number, ErrorCode>([
  [400, 'invalid'],
  [401, 'unauthorized'],
  [403, 'forbidden'],
  [404, 'not_found'],
  [405, 'not_found'],
  [406, 'invalid'],
  [409, 'conflict'],
  [413, 'invalid'],
  [415, 'invalid'],
  [422, 'invalid'],
  [501, 'unsupported'],
  [503, 'unavailable'],
  [504, 'timeout'],
]);

/** The status with which an HTTP API answers an error of this code. */
export const statusOfCode = (code: ErrorCode): number => STATUSES[code];

/** What the status of an answer says by itself; undefined: nothing, as 500, with which some answer whatever it was. */
export const codeOfStatus = (status: number): ErrorCode | undefined => CODES.get(status);
