// Original file: libs/contracts/src/resolver.proto


export interface StateInput {
  /**
   * ids whose sockets listen
   */
  'sandboxes'?: (string)[];
  'zones'?: (string)[];
}

export interface State {
  /**
   * ids whose sockets listen
   */
  'sandboxes': (string)[];
  'zones': (string)[];
}
