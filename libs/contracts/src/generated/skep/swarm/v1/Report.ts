// Original file: libs/contracts/src/swarm.proto

import type { TaskReportInput as _skep_swarm_v1_TaskReportInput, TaskReport as _skep_swarm_v1_TaskReport } from '../../../skep/swarm/v1/TaskReport.js';

/**
 * States of tasks. They are sent again until they are acknowledged.
 */
export interface ReportInput {
  'number'?: (number);
  'tasks'?: (_skep_swarm_v1_TaskReportInput)[];
}

/**
 * States of tasks. They are sent again until they are acknowledged.
 */
export interface Report {
  'number': (number);
  'tasks': (_skep_swarm_v1_TaskReport)[];
}
