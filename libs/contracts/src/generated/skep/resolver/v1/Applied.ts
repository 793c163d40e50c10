// Original file: libs/contracts/src/resolver.proto

import type { SandboxErrorInput as _skep_resolver_v1_SandboxErrorInput, SandboxError as _skep_resolver_v1_SandboxError } from '../../../skep/resolver/v1/SandboxError.js';

export interface AppliedInput {
  /**
   * namespaces in which the sockets could not be opened
   */
  'errors'?: (_skep_resolver_v1_SandboxErrorInput)[];
}

export interface Applied {
  /**
   * namespaces in which the sockets could not be opened
   */
  'errors': (_skep_resolver_v1_SandboxError)[];
}
