// Original file: libs/contracts/src/swarm.proto


export interface IssuedInput {
  'nodeId'?: (string);
  /**
   * PEM
   */
  'certificate'?: (string);
  /**
   * PEM
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
   * PEM
   */
  'root': (string);
}
