// Original file: libs/contracts/src/resolver.proto

import type { SandboxInput as _skep_resolver_v1_SandboxInput, Sandbox as _skep_resolver_v1_Sandbox } from '../../../skep/resolver/v1/Sandbox.js';
import type { ZoneInput as _skep_resolver_v1_ZoneInput, Zone as _skep_resolver_v1_Zone } from '../../../skep/resolver/v1/Zone.js';

export interface ChangesInput {
  /**
   * everything that is not named here is forgotten
   */
  'full'?: (boolean);
  'sandboxes'?: (_skep_resolver_v1_SandboxInput)[];
  'removedSandboxes'?: (string)[];
  'zones'?: (_skep_resolver_v1_ZoneInput)[];
  'removedZones'?: (string)[];
}

export interface Changes {
  /**
   * everything that is not named here is forgotten
   */
  'full': (boolean);
  'sandboxes': (_skep_resolver_v1_Sandbox)[];
  'removedSandboxes': (string)[];
  'zones': (_skep_resolver_v1_Zone)[];
  'removedZones': (string)[];
}
