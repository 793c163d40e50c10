// Original file: libs/contracts/src/swarm.proto


export interface RootInput {
  /**
   * PEM
   */
  'certificate'?: (string);
}

export interface Root {
  /**
   * PEM
   */
  'certificate': (string);
}
