// Original file: libs/contracts/src/swarm.proto

import type { AssignmentInput as _skep_swarm_v1_AssignmentInput, Assignment as _skep_swarm_v1_Assignment } from '../../../skep/swarm/v1/Assignment.js';
import type { RemovedInput as _skep_swarm_v1_RemovedInput, Removed as _skep_swarm_v1_Removed } from '../../../skep/swarm/v1/Removed.js';

/**
 * Everything that is assigned to the node, or what has changed of it.
 */
export interface AssignmentsInput {
  'full'?: (boolean);
  'put'?: (_skep_swarm_v1_AssignmentInput)[];
  'removed'?: (_skep_swarm_v1_RemovedInput)[];
  /**
   * grows within a session
   */
  'number'?: (number);
}

/**
 * Everything that is assigned to the node, or what has changed of it.
 */
export interface Assignments {
  'full': (boolean);
  'put': (_skep_swarm_v1_Assignment)[];
  'removed': (_skep_swarm_v1_Removed)[];
  /**
   * grows within a session
   */
  'number': (number);
}
