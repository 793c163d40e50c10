// Original file: libs/contracts/src/swarm.proto


export interface TaskReportInput {
  'taskId'?: (string);
  /**
   * JSON of TaskStatus
   */
  'status'?: (string);
}

export interface TaskReport {
  'taskId': (string);
  /**
   * JSON of TaskStatus
   */
  'status': (string);
}
