// Original file: libs/contracts/src/resolver.proto


export interface QuestionInput {
  'sandboxId'?: (string);
  'name'?: (string);
  /**
   * A, AAAA, PTR, SRV
   */
  'type'?: (string);
}

export interface Question {
  'sandboxId': (string);
  'name': (string);
  /**
   * A, AAAA, PTR, SRV
   */
  'type': (string);
}
