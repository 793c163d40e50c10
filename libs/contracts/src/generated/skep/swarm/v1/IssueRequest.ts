// Original file: libs/contracts/src/swarm.proto


export interface IssueRequestInput {
  /**
   * PKCS #10, PEM
   */
  'request'?: (string);
  'token'?: (string);
  /**
   * active, pause, drain; empty: active
   */
  'availability'?: (string);
}

export interface IssueRequest {
  /**
   * PKCS #10, PEM
   */
  'request': (string);
  'token': (string);
  /**
   * active, pause, drain; empty: active
   */
  'availability': (string);
}
