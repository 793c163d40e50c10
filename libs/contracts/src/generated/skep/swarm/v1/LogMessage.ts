// Original file: libs/contracts/src/swarm.proto


export interface LogMessageInput {
  /**
   * the first message
   */
  'subscription'?: (string);
  /**
   * whole frames of Docker's multiplexed stream; of a terminal, its bytes
   */
  'data'?: (Buffer | Uint8Array | string);
  /**
   * why there is no more; the last message
   */
  'error'?: (string);
  /**
   * with data: when the last of it was written, RFC 3339; a read that is taken up again begins after it
   */
  'time'?: (string);
  'what'?: "subscription"|"data"|"error";
}

export interface LogMessage {
  /**
   * the first message
   */
  'subscription'?: (string);
  /**
   * whole frames of Docker's multiplexed stream; of a terminal, its bytes
   */
  'data'?: (Buffer);
  /**
   * why there is no more; the last message
   */
  'error'?: (string);
  /**
   * with data: when the last of it was written, RFC 3339; a read that is taken up again begins after it
   */
  'time': (string);
}
