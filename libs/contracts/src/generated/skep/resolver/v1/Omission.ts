// Original file: libs/contracts/src/resolver.proto


export interface OmissionInput {
  'what'?: (string);
  'why'?: (string);
}

export interface Omission {
  'what': (string);
  'why': (string);
}
