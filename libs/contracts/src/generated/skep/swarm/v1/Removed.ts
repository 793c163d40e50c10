// Original file: libs/contracts/src/swarm.proto


export interface RemovedInput {
  'kind'?: (string);
  'id'?: (string);
}

export interface Removed {
  'kind': (string);
  'id': (string);
}
