import type * as grpc from '@grpc/grpc-js';
import type { MessageTypeDefinition } from '@grpc/proto-loader';

import type { AppliedInput as _skep_resolver_v1_AppliedInput, Applied as _skep_resolver_v1_Applied } from './skep/resolver/v1/Applied.js';
import type { AttachmentInput as _skep_resolver_v1_AttachmentInput, Attachment as _skep_resolver_v1_Attachment } from './skep/resolver/v1/Attachment.js';
import type { ChangesInput as _skep_resolver_v1_ChangesInput, Changes as _skep_resolver_v1_Changes } from './skep/resolver/v1/Changes.js';
import type { ExplanationInput as _skep_resolver_v1_ExplanationInput, Explanation as _skep_resolver_v1_Explanation } from './skep/resolver/v1/Explanation.js';
import type { GetMetricsRequestInput as _skep_resolver_v1_GetMetricsRequestInput, GetMetricsRequest as _skep_resolver_v1_GetMetricsRequest } from './skep/resolver/v1/GetMetricsRequest.js';
import type { GetStateRequestInput as _skep_resolver_v1_GetStateRequestInput, GetStateRequest as _skep_resolver_v1_GetStateRequest } from './skep/resolver/v1/GetStateRequest.js';
import type { MemberInput as _skep_resolver_v1_MemberInput, Member as _skep_resolver_v1_Member } from './skep/resolver/v1/Member.js';
import type { MetricsInput as _skep_resolver_v1_MetricsInput, Metrics as _skep_resolver_v1_Metrics } from './skep/resolver/v1/Metrics.js';
import type { OmissionInput as _skep_resolver_v1_OmissionInput, Omission as _skep_resolver_v1_Omission } from './skep/resolver/v1/Omission.js';
import type { QuestionInput as _skep_resolver_v1_QuestionInput, Question as _skep_resolver_v1_Question } from './skep/resolver/v1/Question.js';
import type { ResolverClient as _skep_resolver_v1_ResolverClient, ResolverDefinition as _skep_resolver_v1_ResolverDefinition } from './skep/resolver/v1/Resolver.js';
import type { SandboxInput as _skep_resolver_v1_SandboxInput, Sandbox as _skep_resolver_v1_Sandbox } from './skep/resolver/v1/Sandbox.js';
import type { SandboxErrorInput as _skep_resolver_v1_SandboxErrorInput, SandboxError as _skep_resolver_v1_SandboxError } from './skep/resolver/v1/SandboxError.js';
import type { ServicePortInput as _skep_resolver_v1_ServicePortInput, ServicePort as _skep_resolver_v1_ServicePort } from './skep/resolver/v1/ServicePort.js';
import type { StateInput as _skep_resolver_v1_StateInput, State as _skep_resolver_v1_State } from './skep/resolver/v1/State.js';
import type { ZoneInput as _skep_resolver_v1_ZoneInput, Zone as _skep_resolver_v1_Zone } from './skep/resolver/v1/Zone.js';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  skep: {
    resolver: {
      v1: {
        Applied: MessageTypeDefinition<_skep_resolver_v1_AppliedInput, _skep_resolver_v1_Applied>
        Attachment: MessageTypeDefinition<_skep_resolver_v1_AttachmentInput, _skep_resolver_v1_Attachment>
        Changes: MessageTypeDefinition<_skep_resolver_v1_ChangesInput, _skep_resolver_v1_Changes>
        Explanation: MessageTypeDefinition<_skep_resolver_v1_ExplanationInput, _skep_resolver_v1_Explanation>
        GetMetricsRequest: MessageTypeDefinition<_skep_resolver_v1_GetMetricsRequestInput, _skep_resolver_v1_GetMetricsRequest>
        GetStateRequest: MessageTypeDefinition<_skep_resolver_v1_GetStateRequestInput, _skep_resolver_v1_GetStateRequest>
        Member: MessageTypeDefinition<_skep_resolver_v1_MemberInput, _skep_resolver_v1_Member>
        Metrics: MessageTypeDefinition<_skep_resolver_v1_MetricsInput, _skep_resolver_v1_Metrics>
        Omission: MessageTypeDefinition<_skep_resolver_v1_OmissionInput, _skep_resolver_v1_Omission>
        Question: MessageTypeDefinition<_skep_resolver_v1_QuestionInput, _skep_resolver_v1_Question>
        Resolver: SubtypeConstructor<typeof grpc.Client, _skep_resolver_v1_ResolverClient> & { service: _skep_resolver_v1_ResolverDefinition }
        Sandbox: MessageTypeDefinition<_skep_resolver_v1_SandboxInput, _skep_resolver_v1_Sandbox>
        SandboxError: MessageTypeDefinition<_skep_resolver_v1_SandboxErrorInput, _skep_resolver_v1_SandboxError>
        ServicePort: MessageTypeDefinition<_skep_resolver_v1_ServicePortInput, _skep_resolver_v1_ServicePort>
        State: MessageTypeDefinition<_skep_resolver_v1_StateInput, _skep_resolver_v1_State>
        Zone: MessageTypeDefinition<_skep_resolver_v1_ZoneInput, _skep_resolver_v1_Zone>
      }
    }
  }
}

