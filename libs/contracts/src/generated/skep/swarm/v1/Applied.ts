// Original file: libs/contracts/src/swarm.proto


/**
 * The node works by everything that it was assigned up to that number: names, virtual addresses and rules are changed.
 * It says so where peers were among it.
 */
export interface AppliedInput {
  'number'?: (number);
}

/**
 * The node works by everything that it was assigned up to that number: names, virtual addresses and rules are changed.
 * It says so where peers were among it.
 */
export interface Applied {
  'number': (number);
}
