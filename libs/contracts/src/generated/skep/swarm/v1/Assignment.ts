// Original file: libs/contracts/src/swarm.proto


export interface AssignmentInput {
  /**
   * a key of Assigned in assignments.ts
   */
  'kind'?: (string);
  'id'?: (string);
  /**
   * JSON
   */
  'value'?: (string);
}

export interface Assignment {
  /**
   * a key of Assigned in assignments.ts
   */
  'kind': (string);
  'id': (string);
  /**
   * JSON
   */
  'value': (string);
}
