import type * as grpc from '@grpc/grpc-js';
import type { MessageTypeDefinition } from '@grpc/proto-loader';

import type { AcknowledgedInput as _skep_swarm_v1_AcknowledgedInput, Acknowledged as _skep_swarm_v1_Acknowledged } from './skep/swarm/v1/Acknowledged.js';
import type { AppliedInput as _skep_swarm_v1_AppliedInput, Applied as _skep_swarm_v1_Applied } from './skep/swarm/v1/Applied.js';
import type { AssignmentInput as _skep_swarm_v1_AssignmentInput, Assignment as _skep_swarm_v1_Assignment } from './skep/swarm/v1/Assignment.js';
import type { AssignmentsInput as _skep_swarm_v1_AssignmentsInput, Assignments as _skep_swarm_v1_Assignments } from './skep/swarm/v1/Assignments.js';
import type { AttachedInput as _skep_swarm_v1_AttachedInput, Attached as _skep_swarm_v1_Attached } from './skep/swarm/v1/Attached.js';
import type { AttachmentsInput as _skep_swarm_v1_AttachmentsInput, Attachments as _skep_swarm_v1_Attachments } from './skep/swarm/v1/Attachments.js';
import type { CaClient as _skep_swarm_v1_CaClient, CaDefinition as _skep_swarm_v1_CaDefinition } from './skep/swarm/v1/Ca.js';
import type { DispatcherClient as _skep_swarm_v1_DispatcherClient, DispatcherDefinition as _skep_swarm_v1_DispatcherDefinition } from './skep/swarm/v1/Dispatcher.js';
import type { FromNodeInput as _skep_swarm_v1_FromNodeInput, FromNode as _skep_swarm_v1_FromNode } from './skep/swarm/v1/FromNode.js';
import type { GetRootRequestInput as _skep_swarm_v1_GetRootRequestInput, GetRootRequest as _skep_swarm_v1_GetRootRequest } from './skep/swarm/v1/GetRootRequest.js';
import type { HeartbeatInput as _skep_swarm_v1_HeartbeatInput, Heartbeat as _skep_swarm_v1_Heartbeat } from './skep/swarm/v1/Heartbeat.js';
import type { HelloInput as _skep_swarm_v1_HelloInput, Hello as _skep_swarm_v1_Hello } from './skep/swarm/v1/Hello.js';
import type { IssueRequestInput as _skep_swarm_v1_IssueRequestInput, IssueRequest as _skep_swarm_v1_IssueRequest } from './skep/swarm/v1/IssueRequest.js';
import type { IssuedInput as _skep_swarm_v1_IssuedInput, Issued as _skep_swarm_v1_Issued } from './skep/swarm/v1/Issued.js';
import type { LeavingInput as _skep_swarm_v1_LeavingInput, Leaving as _skep_swarm_v1_Leaving } from './skep/swarm/v1/Leaving.js';
import type { LogMessageInput as _skep_swarm_v1_LogMessageInput, LogMessage as _skep_swarm_v1_LogMessage } from './skep/swarm/v1/LogMessage.js';
import type { LogTakenInput as _skep_swarm_v1_LogTakenInput, LogTaken as _skep_swarm_v1_LogTaken } from './skep/swarm/v1/LogTaken.js';
import type { LogsClient as _skep_swarm_v1_LogsClient, LogsDefinition as _skep_swarm_v1_LogsDefinition } from './skep/swarm/v1/Logs.js';
import type { LogsWantedInput as _skep_swarm_v1_LogsWantedInput, LogsWanted as _skep_swarm_v1_LogsWanted } from './skep/swarm/v1/LogsWanted.js';
import type { RemovedInput as _skep_swarm_v1_RemovedInput, Removed as _skep_swarm_v1_Removed } from './skep/swarm/v1/Removed.js';
import type { RenewRequestInput as _skep_swarm_v1_RenewRequestInput, RenewRequest as _skep_swarm_v1_RenewRequest } from './skep/swarm/v1/RenewRequest.js';
import type { ReportInput as _skep_swarm_v1_ReportInput, Report as _skep_swarm_v1_Report } from './skep/swarm/v1/Report.js';
import type { RootInput as _skep_swarm_v1_RootInput, Root as _skep_swarm_v1_Root } from './skep/swarm/v1/Root.js';
import type { TaskReportInput as _skep_swarm_v1_TaskReportInput, TaskReport as _skep_swarm_v1_TaskReport } from './skep/swarm/v1/TaskReport.js';
import type { ToNodeInput as _skep_swarm_v1_ToNodeInput, ToNode as _skep_swarm_v1_ToNode } from './skep/swarm/v1/ToNode.js';
import type { TrustInput as _skep_swarm_v1_TrustInput, Trust as _skep_swarm_v1_Trust } from './skep/swarm/v1/Trust.js';
import type { WelcomeInput as _skep_swarm_v1_WelcomeInput, Welcome as _skep_swarm_v1_Welcome } from './skep/swarm/v1/Welcome.js';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  skep: {
    swarm: {
      v1: {
        Acknowledged: MessageTypeDefinition<_skep_swarm_v1_AcknowledgedInput, _skep_swarm_v1_Acknowledged>
        Applied: MessageTypeDefinition<_skep_swarm_v1_AppliedInput, _skep_swarm_v1_Applied>
        Assignment: MessageTypeDefinition<_skep_swarm_v1_AssignmentInput, _skep_swarm_v1_Assignment>
        Assignments: MessageTypeDefinition<_skep_swarm_v1_AssignmentsInput, _skep_swarm_v1_Assignments>
        Attached: MessageTypeDefinition<_skep_swarm_v1_AttachedInput, _skep_swarm_v1_Attached>
        Attachments: MessageTypeDefinition<_skep_swarm_v1_AttachmentsInput, _skep_swarm_v1_Attachments>
        /**
         * Certificates of nodes.
         */
        Ca: SubtypeConstructor<typeof grpc.Client, _skep_swarm_v1_CaClient> & { service: _skep_swarm_v1_CaDefinition }
        /**
         * What nodes are to do, and how it goes.
         */
        Dispatcher: SubtypeConstructor<typeof grpc.Client, _skep_swarm_v1_DispatcherClient> & { service: _skep_swarm_v1_DispatcherDefinition }
        FromNode: MessageTypeDefinition<_skep_swarm_v1_FromNodeInput, _skep_swarm_v1_FromNode>
        GetRootRequest: MessageTypeDefinition<_skep_swarm_v1_GetRootRequestInput, _skep_swarm_v1_GetRootRequest>
        Heartbeat: MessageTypeDefinition<_skep_swarm_v1_HeartbeatInput, _skep_swarm_v1_Heartbeat>
        Hello: MessageTypeDefinition<_skep_swarm_v1_HelloInput, _skep_swarm_v1_Hello>
        IssueRequest: MessageTypeDefinition<_skep_swarm_v1_IssueRequestInput, _skep_swarm_v1_IssueRequest>
        Issued: MessageTypeDefinition<_skep_swarm_v1_IssuedInput, _skep_swarm_v1_Issued>
        Leaving: MessageTypeDefinition<_skep_swarm_v1_LeavingInput, _skep_swarm_v1_Leaving>
        LogMessage: MessageTypeDefinition<_skep_swarm_v1_LogMessageInput, _skep_swarm_v1_LogMessage>
        LogTaken: MessageTypeDefinition<_skep_swarm_v1_LogTakenInput, _skep_swarm_v1_LogTaken>
        /**
         * What tasks wrote, of a node that was asked for it in its session.
         */
        Logs: SubtypeConstructor<typeof grpc.Client, _skep_swarm_v1_LogsClient> & { service: _skep_swarm_v1_LogsDefinition }
        LogsWanted: MessageTypeDefinition<_skep_swarm_v1_LogsWantedInput, _skep_swarm_v1_LogsWanted>
        Removed: MessageTypeDefinition<_skep_swarm_v1_RemovedInput, _skep_swarm_v1_Removed>
        RenewRequest: MessageTypeDefinition<_skep_swarm_v1_RenewRequestInput, _skep_swarm_v1_RenewRequest>
        Report: MessageTypeDefinition<_skep_swarm_v1_ReportInput, _skep_swarm_v1_Report>
        Root: MessageTypeDefinition<_skep_swarm_v1_RootInput, _skep_swarm_v1_Root>
        TaskReport: MessageTypeDefinition<_skep_swarm_v1_TaskReportInput, _skep_swarm_v1_TaskReport>
        ToNode: MessageTypeDefinition<_skep_swarm_v1_ToNodeInput, _skep_swarm_v1_ToNode>
        Trust: MessageTypeDefinition<_skep_swarm_v1_TrustInput, _skep_swarm_v1_Trust>
        Welcome: MessageTypeDefinition<_skep_swarm_v1_WelcomeInput, _skep_swarm_v1_Welcome>
      }
    }
  }
}

