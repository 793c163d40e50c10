// Original file: libs/contracts/src/resolver.proto


export interface SandboxErrorInput {
  'id'?: (string);
  'message'?: (string);
}

export interface SandboxError {
  'id': (string);
  'message': (string);
}
