/** What the rest of the manager works on. */
export const STORE = Symbol('cluster store');
export const KEY = Symbol('cluster key');
/** Where the manager keeps its database, for files beside it. */
export const FOLDER = Symbol('swarm folder');
