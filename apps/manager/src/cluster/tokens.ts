/** What the rest of the manager works on. */
export const STORE = Symbol('cluster store');
export const KEY = Symbol('cluster key');
