// Original file: libs/contracts/src/swarm.proto


/**
 * The node works by everything that it was assigned up to that number: names, virtual addresses and rules are changed.
 */
export interface AppliedInput {
  'number'?: (number);
}

/**
 * The node works by everything that it was assigned up to that number: names, virtual addresses and rules are changed.
 */
export interface Applied {
  'number': (number);
}
