// Original file: libs/contracts/src/swarm.proto

import type { HelloInput as _skep_swarm_v1_HelloInput, Hello as _skep_swarm_v1_Hello } from '../../../skep/swarm/v1/Hello.js';
import type { HeartbeatInput as _skep_swarm_v1_HeartbeatInput, Heartbeat as _skep_swarm_v1_Heartbeat } from '../../../skep/swarm/v1/Heartbeat.js';
import type { ReportInput as _skep_swarm_v1_ReportInput, Report as _skep_swarm_v1_Report } from '../../../skep/swarm/v1/Report.js';
import type { AppliedInput as _skep_swarm_v1_AppliedInput, Applied as _skep_swarm_v1_Applied } from '../../../skep/swarm/v1/Applied.js';
import type { AttachmentsInput as _skep_swarm_v1_AttachmentsInput, Attachments as _skep_swarm_v1_Attachments } from '../../../skep/swarm/v1/Attachments.js';
import type { LeavingInput as _skep_swarm_v1_LeavingInput, Leaving as _skep_swarm_v1_Leaving } from '../../../skep/swarm/v1/Leaving.js';

export interface FromNodeInput {
  'hello'?: (_skep_swarm_v1_HelloInput | null);
  'heartbeat'?: (_skep_swarm_v1_HeartbeatInput | null);
  'report'?: (_skep_swarm_v1_ReportInput | null);
  'applied'?: (_skep_swarm_v1_AppliedInput | null);
  'attachments'?: (_skep_swarm_v1_AttachmentsInput | null);
  'leaving'?: (_skep_swarm_v1_LeavingInput | null);
  'what'?: "hello"|"heartbeat"|"report"|"applied"|"attachments"|"leaving";
}

export interface FromNode {
  'hello'?: (_skep_swarm_v1_Hello | null);
  'heartbeat'?: (_skep_swarm_v1_Heartbeat | null);
  'report'?: (_skep_swarm_v1_Report | null);
  'applied'?: (_skep_swarm_v1_Applied | null);
  'attachments'?: (_skep_swarm_v1_Attachments | null);
  'leaving'?: (_skep_swarm_v1_Leaving | null);
}
