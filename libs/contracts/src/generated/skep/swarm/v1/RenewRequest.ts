// Original file: libs/contracts/src/swarm.proto


export interface RenewRequestInput {
  /**
   * PKCS #10, PEM
   */
  'request'?: (string);
}

export interface RenewRequest {
  /**
   * PKCS #10, PEM
   */
  'request': (string);
}
