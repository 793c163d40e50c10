// Original file: libs/contracts/src/swarm.proto


/**
 * All containers outside services that the node has, or wants to have, on networks of the cluster. What is not among
 * them is given back.
 */
export interface AttachmentsInput {
  'number'?: (number);
  /**
   * JSON of WantedAttachment[]
   */
  'wanted'?: (string);
}

/**
 * All containers outside services that the node has, or wants to have, on networks of the cluster. What is not among
 * them is given back.
 */
export interface Attachments {
  'number': (number);
  /**
   * JSON of WantedAttachment[]
   */
  'wanted': (string);
}
