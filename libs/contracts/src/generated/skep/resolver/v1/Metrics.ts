// Original file: libs/contracts/src/resolver.proto


export interface MetricsInput {
  'text'?: (string);
}

export interface Metrics {
  'text': (string);
}
