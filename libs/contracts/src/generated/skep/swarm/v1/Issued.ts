// Original file: libs/contracts/src/swarm.proto


export interface IssuedInput {
  'nodeId'?: (string);
  /**
   * PEM
   */
  'certificate'?: (string);
  /**
   * PEM: the roots to trust, as in Trust
   */
  'root'?: (string);
}

export interface Issued {
  'nodeId': (string);
  /**
   * PEM
   */
  'certificate': (string);
  /**
   * PEM: the roots to trust, as in Trust
   */
  'root': (string);
}
