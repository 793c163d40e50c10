// Original file: libs/contracts/src/resolver.proto


export interface ServicePortInput {
  'protocol'?: (string);
  'port'?: (number);
}

export interface ServicePort {
  'protocol': (string);
  'port': (number);
}
