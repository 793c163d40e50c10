// Original file: libs/contracts/src/swarm.proto


/**
 * The answer to Attachments: assignments that were sent before it have what was granted.
 */
export interface AttachedInput {
  'number'?: (number);
  /**
   * JSON of RefusedAttachment[]
   */
  'refused'?: (string);
}

/**
 * The answer to Attachments: assignments that were sent before it have what was granted.
 */
export interface Attached {
  'number': (number);
  /**
   * JSON of RefusedAttachment[]
   */
  'refused': (string);
}
