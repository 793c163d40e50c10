// Original file: libs/contracts/src/swarm.proto

import type { WelcomeInput as _skep_swarm_v1_WelcomeInput, Welcome as _skep_swarm_v1_Welcome } from '../../../skep/swarm/v1/Welcome.js';
import type { AssignmentsInput as _skep_swarm_v1_AssignmentsInput, Assignments as _skep_swarm_v1_Assignments } from '../../../skep/swarm/v1/Assignments.js';
import type { AcknowledgedInput as _skep_swarm_v1_AcknowledgedInput, Acknowledged as _skep_swarm_v1_Acknowledged } from '../../../skep/swarm/v1/Acknowledged.js';
import type { LogsWantedInput as _skep_swarm_v1_LogsWantedInput, LogsWanted as _skep_swarm_v1_LogsWanted } from '../../../skep/swarm/v1/LogsWanted.js';
import type { AttachedInput as _skep_swarm_v1_AttachedInput, Attached as _skep_swarm_v1_Attached } from '../../../skep/swarm/v1/Attached.js';
import type { TrustInput as _skep_swarm_v1_TrustInput, Trust as _skep_swarm_v1_Trust } from '../../../skep/swarm/v1/Trust.js';

export interface ToNodeInput {
  'welcome'?: (_skep_swarm_v1_WelcomeInput | null);
  'assignments'?: (_skep_swarm_v1_AssignmentsInput | null);
  'acknowledged'?: (_skep_swarm_v1_AcknowledgedInput | null);
  'logs'?: (_skep_swarm_v1_LogsWantedInput | null);
  'attached'?: (_skep_swarm_v1_AttachedInput | null);
  'trust'?: (_skep_swarm_v1_TrustInput | null);
  'what'?: "welcome"|"assignments"|"acknowledged"|"logs"|"attached"|"trust";
}

export interface ToNode {
  'welcome'?: (_skep_swarm_v1_Welcome | null);
  'assignments'?: (_skep_swarm_v1_Assignments | null);
  'acknowledged'?: (_skep_swarm_v1_Acknowledged | null);
  'logs'?: (_skep_swarm_v1_LogsWanted | null);
  'attached'?: (_skep_swarm_v1_Attached | null);
  'trust'?: (_skep_swarm_v1_Trust | null);
}
