// Original file: libs/contracts/src/swarm.proto


/**
 * Somebody reads what a task of this node wrote.
 */
export interface LogsWantedInput {
  'subscription'?: (string);
  'taskId'?: (string);
  /**
   * of GET /containers/:id/logs
   */
  'query'?: (string);
}

/**
 * Somebody reads what a task of this node wrote.
 */
export interface LogsWanted {
  'subscription': (string);
  'taskId': (string);
  /**
   * of GET /containers/:id/logs
   */
  'query': (string);
}
