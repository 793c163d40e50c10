// Original file: libs/contracts/src/swarm.proto


/**
 * The roots that the node is to trust from now on. The first one is the cluster's; while that is changed, the last one is
 * the next: a node whose certificate is of another root asks for a new one.
 */
export interface TrustInput {
  /**
   * PEM
   */
  'roots'?: (string)[];
  /**
   * How long it may wait before it asks: the nodes of a large cluster are not to come all at once.
   */
  'withinMs'?: (number);
}

/**
 * The roots that the node is to trust from now on. The first one is the cluster's; while that is changed, the last one is
 * the next: a node whose certificate is of another root asks for a new one.
 */
export interface Trust {
  /**
   * PEM
   */
  'roots': (string)[];
  /**
   * How long it may wait before it asks: the nodes of a large cluster are not to come all at once.
   */
  'withinMs': (number);
}
