// Original file: libs/contracts/src/swarm.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { GetRootRequestInput as _skep_swarm_v1_GetRootRequestInput, GetRootRequest as _skep_swarm_v1_GetRootRequest } from '../../../skep/swarm/v1/GetRootRequest.js';
import type { IssueRequestInput as _skep_swarm_v1_IssueRequestInput, IssueRequest as _skep_swarm_v1_IssueRequest } from '../../../skep/swarm/v1/IssueRequest.js';
import type { IssuedInput as _skep_swarm_v1_IssuedInput, Issued as _skep_swarm_v1_Issued } from '../../../skep/swarm/v1/Issued.js';
import type { RenewRequestInput as _skep_swarm_v1_RenewRequestInput, RenewRequest as _skep_swarm_v1_RenewRequest } from '../../../skep/swarm/v1/RenewRequest.js';
import type { RootInput as _skep_swarm_v1_RootInput, Root as _skep_swarm_v1_Root } from '../../../skep/swarm/v1/Root.js';

/**
 * Certificates of nodes.
 */
export interface CaClient extends grpc.Client {
  /**
   * The root's certificate. For anybody: it is checked against the digest in a join token.
   */
  GetRoot(argument: _skep_swarm_v1_GetRootRequestInput, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_skep_swarm_v1_Root>): grpc.ClientUnaryCall;
  GetRoot(argument: _skep_swarm_v1_GetRootRequestInput, metadata: grpc.Metadata, callback: grpc.requestCallback<_skep_swarm_v1_Root>): grpc.ClientUnaryCall;
  GetRoot(argument: _skep_swarm_v1_GetRootRequestInput, options: grpc.CallOptions, callback: grpc.requestCallback<_skep_swarm_v1_Root>): grpc.ClientUnaryCall;
  GetRoot(argument: _skep_swarm_v1_GetRootRequestInput, callback: grpc.requestCallback<_skep_swarm_v1_Root>): grpc.ClientUnaryCall;
  /**
   * The root's certificate. For anybody: it is checked against the digest in a join token.
   */
  getRoot(argument: _skep_swarm_v1_GetRootRequestInput, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_skep_swarm_v1_Root>): grpc.ClientUnaryCall;
  getRoot(argument: _skep_swarm_v1_GetRootRequestInput, metadata: grpc.Metadata, callback: grpc.requestCallback<_skep_swarm_v1_Root>): grpc.ClientUnaryCall;
  getRoot(argument: _skep_swarm_v1_GetRootRequestInput, options: grpc.CallOptions, callback: grpc.requestCallback<_skep_swarm_v1_Root>): grpc.ClientUnaryCall;
  getRoot(argument: _skep_swarm_v1_GetRootRequestInput, callback: grpc.requestCallback<_skep_swarm_v1_Root>): grpc.ClientUnaryCall;
  
  /**
   * A certificate for a node that has none yet. For anybody who has a join token.
   */
  Issue(argument: _skep_swarm_v1_IssueRequestInput, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_skep_swarm_v1_Issued>): grpc.ClientUnaryCall;
  Issue(argument: _skep_swarm_v1_IssueRequestInput, metadata: grpc.Metadata, callback: grpc.requestCallback<_skep_swarm_v1_Issued>): grpc.ClientUnaryCall;
  Issue(argument: _skep_swarm_v1_IssueRequestInput, options: grpc.CallOptions, callback: grpc.requestCallback<_skep_swarm_v1_Issued>): grpc.ClientUnaryCall;
  Issue(argument: _skep_swarm_v1_IssueRequestInput, callback: grpc.requestCallback<_skep_swarm_v1_Issued>): grpc.ClientUnaryCall;
  /**
   * A certificate for a node that has none yet. For anybody who has a join token.
   */
  issue(argument: _skep_swarm_v1_IssueRequestInput, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_skep_swarm_v1_Issued>): grpc.ClientUnaryCall;
  issue(argument: _skep_swarm_v1_IssueRequestInput, metadata: grpc.Metadata, callback: grpc.requestCallback<_skep_swarm_v1_Issued>): grpc.ClientUnaryCall;
  issue(argument: _skep_swarm_v1_IssueRequestInput, options: grpc.CallOptions, callback: grpc.requestCallback<_skep_swarm_v1_Issued>): grpc.ClientUnaryCall;
  issue(argument: _skep_swarm_v1_IssueRequestInput, callback: grpc.requestCallback<_skep_swarm_v1_Issued>): grpc.ClientUnaryCall;
  
  /**
   * The next certificate of a node. For nodes.
   */
  Renew(argument: _skep_swarm_v1_RenewRequestInput, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_skep_swarm_v1_Issued>): grpc.ClientUnaryCall;
  Renew(argument: _skep_swarm_v1_RenewRequestInput, metadata: grpc.Metadata, callback: grpc.requestCallback<_skep_swarm_v1_Issued>): grpc.ClientUnaryCall;
  Renew(argument: _skep_swarm_v1_RenewRequestInput, options: grpc.CallOptions, callback: grpc.requestCallback<_skep_swarm_v1_Issued>): grpc.ClientUnaryCall;
  Renew(argument: _skep_swarm_v1_RenewRequestInput, callback: grpc.requestCallback<_skep_swarm_v1_Issued>): grpc.ClientUnaryCall;
  /**
   * The next certificate of a node. For nodes.
   */
  renew(argument: _skep_swarm_v1_RenewRequestInput, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_skep_swarm_v1_Issued>): grpc.ClientUnaryCall;
  renew(argument: _skep_swarm_v1_RenewRequestInput, metadata: grpc.Metadata, callback: grpc.requestCallback<_skep_swarm_v1_Issued>): grpc.ClientUnaryCall;
  renew(argument: _skep_swarm_v1_RenewRequestInput, options: grpc.CallOptions, callback: grpc.requestCallback<_skep_swarm_v1_Issued>): grpc.ClientUnaryCall;
  renew(argument: _skep_swarm_v1_RenewRequestInput, callback: grpc.requestCallback<_skep_swarm_v1_Issued>): grpc.ClientUnaryCall;
  
}

/**
 * Certificates of nodes.
 */
export interface CaHandlers extends grpc.UntypedServiceImplementation {
  /**
   * The root's certificate. For anybody: it is checked against the digest in a join token.
   */
  GetRoot: grpc.handleUnaryCall<_skep_swarm_v1_GetRootRequest, _skep_swarm_v1_RootInput>;
  
  /**
   * A certificate for a node that has none yet. For anybody who has a join token.
   */
  Issue: grpc.handleUnaryCall<_skep_swarm_v1_IssueRequest, _skep_swarm_v1_IssuedInput>;
  
  /**
   * The next certificate of a node. For nodes.
   */
  Renew: grpc.handleUnaryCall<_skep_swarm_v1_RenewRequest, _skep_swarm_v1_IssuedInput>;
  
}

export interface CaDefinition extends grpc.ServiceDefinition {
  GetRoot: MethodDefinition<_skep_swarm_v1_GetRootRequestInput, _skep_swarm_v1_RootInput, _skep_swarm_v1_GetRootRequest, _skep_swarm_v1_Root>
  Issue: MethodDefinition<_skep_swarm_v1_IssueRequestInput, _skep_swarm_v1_IssuedInput, _skep_swarm_v1_IssueRequest, _skep_swarm_v1_Issued>
  Renew: MethodDefinition<_skep_swarm_v1_RenewRequestInput, _skep_swarm_v1_IssuedInput, _skep_swarm_v1_RenewRequest, _skep_swarm_v1_Issued>
}
