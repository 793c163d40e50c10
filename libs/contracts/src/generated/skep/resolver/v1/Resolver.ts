// Original file: libs/contracts/src/resolver.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { AppliedInput as _skep_resolver_v1_AppliedInput, Applied as _skep_resolver_v1_Applied } from '../../../skep/resolver/v1/Applied.js';
import type { ChangesInput as _skep_resolver_v1_ChangesInput, Changes as _skep_resolver_v1_Changes } from '../../../skep/resolver/v1/Changes.js';
import type { ExplanationInput as _skep_resolver_v1_ExplanationInput, Explanation as _skep_resolver_v1_Explanation } from '../../../skep/resolver/v1/Explanation.js';
import type { GetMetricsRequestInput as _skep_resolver_v1_GetMetricsRequestInput, GetMetricsRequest as _skep_resolver_v1_GetMetricsRequest } from '../../../skep/resolver/v1/GetMetricsRequest.js';
import type { GetStateRequestInput as _skep_resolver_v1_GetStateRequestInput, GetStateRequest as _skep_resolver_v1_GetStateRequest } from '../../../skep/resolver/v1/GetStateRequest.js';
import type { MetricsInput as _skep_resolver_v1_MetricsInput, Metrics as _skep_resolver_v1_Metrics } from '../../../skep/resolver/v1/Metrics.js';
import type { QuestionInput as _skep_resolver_v1_QuestionInput, Question as _skep_resolver_v1_Question } from '../../../skep/resolver/v1/Question.js';
import type { StateInput as _skep_resolver_v1_StateInput, State as _skep_resolver_v1_State } from '../../../skep/resolver/v1/State.js';

export interface ResolverClient extends grpc.Client {
  /**
   * Replaces or changes what the resolver knows. Answers once every socket asked for listens and every new answer is live.
   */
  Apply(argument: _skep_resolver_v1_ChangesInput, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_skep_resolver_v1_Applied>): grpc.ClientUnaryCall;
  Apply(argument: _skep_resolver_v1_ChangesInput, metadata: grpc.Metadata, callback: grpc.requestCallback<_skep_resolver_v1_Applied>): grpc.ClientUnaryCall;
  Apply(argument: _skep_resolver_v1_ChangesInput, options: grpc.CallOptions, callback: grpc.requestCallback<_skep_resolver_v1_Applied>): grpc.ClientUnaryCall;
  Apply(argument: _skep_resolver_v1_ChangesInput, callback: grpc.requestCallback<_skep_resolver_v1_Applied>): grpc.ClientUnaryCall;
  /**
   * Replaces or changes what the resolver knows. Answers once every socket asked for listens and every new answer is live.
   */
  apply(argument: _skep_resolver_v1_ChangesInput, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_skep_resolver_v1_Applied>): grpc.ClientUnaryCall;
  apply(argument: _skep_resolver_v1_ChangesInput, metadata: grpc.Metadata, callback: grpc.requestCallback<_skep_resolver_v1_Applied>): grpc.ClientUnaryCall;
  apply(argument: _skep_resolver_v1_ChangesInput, options: grpc.CallOptions, callback: grpc.requestCallback<_skep_resolver_v1_Applied>): grpc.ClientUnaryCall;
  apply(argument: _skep_resolver_v1_ChangesInput, callback: grpc.requestCallback<_skep_resolver_v1_Applied>): grpc.ClientUnaryCall;
  
  /**
   * Answers like the DNS would, and says why.
   */
  Explain(argument: _skep_resolver_v1_QuestionInput, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_skep_resolver_v1_Explanation>): grpc.ClientUnaryCall;
  Explain(argument: _skep_resolver_v1_QuestionInput, metadata: grpc.Metadata, callback: grpc.requestCallback<_skep_resolver_v1_Explanation>): grpc.ClientUnaryCall;
  Explain(argument: _skep_resolver_v1_QuestionInput, options: grpc.CallOptions, callback: grpc.requestCallback<_skep_resolver_v1_Explanation>): grpc.ClientUnaryCall;
  Explain(argument: _skep_resolver_v1_QuestionInput, callback: grpc.requestCallback<_skep_resolver_v1_Explanation>): grpc.ClientUnaryCall;
  /**
   * Answers like the DNS would, and says why.
   */
  explain(argument: _skep_resolver_v1_QuestionInput, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_skep_resolver_v1_Explanation>): grpc.ClientUnaryCall;
  explain(argument: _skep_resolver_v1_QuestionInput, metadata: grpc.Metadata, callback: grpc.requestCallback<_skep_resolver_v1_Explanation>): grpc.ClientUnaryCall;
  explain(argument: _skep_resolver_v1_QuestionInput, options: grpc.CallOptions, callback: grpc.requestCallback<_skep_resolver_v1_Explanation>): grpc.ClientUnaryCall;
  explain(argument: _skep_resolver_v1_QuestionInput, callback: grpc.requestCallback<_skep_resolver_v1_Explanation>): grpc.ClientUnaryCall;
  
  /**
   * Prometheus text.
   */
  GetMetrics(argument: _skep_resolver_v1_GetMetricsRequestInput, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_skep_resolver_v1_Metrics>): grpc.ClientUnaryCall;
  GetMetrics(argument: _skep_resolver_v1_GetMetricsRequestInput, metadata: grpc.Metadata, callback: grpc.requestCallback<_skep_resolver_v1_Metrics>): grpc.ClientUnaryCall;
  GetMetrics(argument: _skep_resolver_v1_GetMetricsRequestInput, options: grpc.CallOptions, callback: grpc.requestCallback<_skep_resolver_v1_Metrics>): grpc.ClientUnaryCall;
  GetMetrics(argument: _skep_resolver_v1_GetMetricsRequestInput, callback: grpc.requestCallback<_skep_resolver_v1_Metrics>): grpc.ClientUnaryCall;
  /**
   * Prometheus text.
   */
  getMetrics(argument: _skep_resolver_v1_GetMetricsRequestInput, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_skep_resolver_v1_Metrics>): grpc.ClientUnaryCall;
  getMetrics(argument: _skep_resolver_v1_GetMetricsRequestInput, metadata: grpc.Metadata, callback: grpc.requestCallback<_skep_resolver_v1_Metrics>): grpc.ClientUnaryCall;
  getMetrics(argument: _skep_resolver_v1_GetMetricsRequestInput, options: grpc.CallOptions, callback: grpc.requestCallback<_skep_resolver_v1_Metrics>): grpc.ClientUnaryCall;
  getMetrics(argument: _skep_resolver_v1_GetMetricsRequestInput, callback: grpc.requestCallback<_skep_resolver_v1_Metrics>): grpc.ClientUnaryCall;
  
  /**
   * What the resolver knows and serves at this moment.
   */
  GetState(argument: _skep_resolver_v1_GetStateRequestInput, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_skep_resolver_v1_State>): grpc.ClientUnaryCall;
  GetState(argument: _skep_resolver_v1_GetStateRequestInput, metadata: grpc.Metadata, callback: grpc.requestCallback<_skep_resolver_v1_State>): grpc.ClientUnaryCall;
  GetState(argument: _skep_resolver_v1_GetStateRequestInput, options: grpc.CallOptions, callback: grpc.requestCallback<_skep_resolver_v1_State>): grpc.ClientUnaryCall;
  GetState(argument: _skep_resolver_v1_GetStateRequestInput, callback: grpc.requestCallback<_skep_resolver_v1_State>): grpc.ClientUnaryCall;
  /**
   * What the resolver knows and serves at this moment.
   */
  getState(argument: _skep_resolver_v1_GetStateRequestInput, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_skep_resolver_v1_State>): grpc.ClientUnaryCall;
  getState(argument: _skep_resolver_v1_GetStateRequestInput, metadata: grpc.Metadata, callback: grpc.requestCallback<_skep_resolver_v1_State>): grpc.ClientUnaryCall;
  getState(argument: _skep_resolver_v1_GetStateRequestInput, options: grpc.CallOptions, callback: grpc.requestCallback<_skep_resolver_v1_State>): grpc.ClientUnaryCall;
  getState(argument: _skep_resolver_v1_GetStateRequestInput, callback: grpc.requestCallback<_skep_resolver_v1_State>): grpc.ClientUnaryCall;
  
}

export interface ResolverHandlers extends grpc.UntypedServiceImplementation {
  /**
   * Replaces or changes what the resolver knows. Answers once every socket asked for listens and every new answer is live.
   */
  Apply: grpc.handleUnaryCall<_skep_resolver_v1_Changes, _skep_resolver_v1_AppliedInput>;
  
  /**
   * Answers like the DNS would, and says why.
   */
  Explain: grpc.handleUnaryCall<_skep_resolver_v1_Question, _skep_resolver_v1_ExplanationInput>;
  
  /**
   * Prometheus text.
   */
  GetMetrics: grpc.handleUnaryCall<_skep_resolver_v1_GetMetricsRequest, _skep_resolver_v1_MetricsInput>;
  
  /**
   * What the resolver knows and serves at this moment.
   */
  GetState: grpc.handleUnaryCall<_skep_resolver_v1_GetStateRequest, _skep_resolver_v1_StateInput>;
  
}

export interface ResolverDefinition extends grpc.ServiceDefinition {
  Apply: MethodDefinition<_skep_resolver_v1_ChangesInput, _skep_resolver_v1_AppliedInput, _skep_resolver_v1_Changes, _skep_resolver_v1_Applied>
  Explain: MethodDefinition<_skep_resolver_v1_QuestionInput, _skep_resolver_v1_ExplanationInput, _skep_resolver_v1_Question, _skep_resolver_v1_Explanation>
  GetMetrics: MethodDefinition<_skep_resolver_v1_GetMetricsRequestInput, _skep_resolver_v1_MetricsInput, _skep_resolver_v1_GetMetricsRequest, _skep_resolver_v1_Metrics>
  GetState: MethodDefinition<_skep_resolver_v1_GetStateRequestInput, _skep_resolver_v1_StateInput, _skep_resolver_v1_GetStateRequest, _skep_resolver_v1_State>
}
