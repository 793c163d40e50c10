// Original file: libs/contracts/src/swarm.proto


export interface AcknowledgedInput {
  'number'?: (number);
}

export interface Acknowledged {
  'number': (number);
}
