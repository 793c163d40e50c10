// Original file: libs/contracts/src/resolver.proto

import type { OmissionInput as _skep_resolver_v1_OmissionInput, Omission as _skep_resolver_v1_Omission } from '../../../skep/resolver/v1/Omission.js';

export interface ExplanationInput {
  'rcode'?: (string);
  /**
   * in words: which rule answered
   */
  'rule'?: (string);
  /**
   * the network's name that answered
   */
  'network'?: (string);
  'answers'?: (string)[];
  'omitted'?: (_skep_resolver_v1_OmissionInput)[];
}

export interface Explanation {
  'rcode': (string);
  /**
   * in words: which rule answered
   */
  'rule': (string);
  /**
   * the network's name that answered
   */
  'network': (string);
  'answers': (string)[];
  'omitted': (_skep_resolver_v1_Omission)[];
}
