// Original file: libs/contracts/src/swarm.proto


/**
 * The first message of a session.
 */
export interface HelloInput {
  /**
   * JSON of NodeDescription
   */
  'description'?: (string);
}

/**
 * The first message of a session.
 */
export interface Hello {
  /**
   * JSON of NodeDescription
   */
  'description': (string);
}
