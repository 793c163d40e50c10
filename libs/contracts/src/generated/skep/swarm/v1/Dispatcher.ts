// Original file: libs/contracts/src/swarm.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { FromNodeInput as _skep_swarm_v1_FromNodeInput, FromNode as _skep_swarm_v1_FromNode } from '../../../skep/swarm/v1/FromNode.js';
import type { ToNodeInput as _skep_swarm_v1_ToNodeInput, ToNode as _skep_swarm_v1_ToNode } from '../../../skep/swarm/v1/ToNode.js';

/**
 * What nodes are to do, and how it goes.
 */
export interface DispatcherClient extends grpc.Client {
  /**
   * One stream for as long as the node is there. For nodes.
   */
  Session(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_skep_swarm_v1_FromNodeInput, _skep_swarm_v1_ToNode>;
  Session(options?: grpc.CallOptions): grpc.ClientDuplexStream<_skep_swarm_v1_FromNodeInput, _skep_swarm_v1_ToNode>;
  /**
   * One stream for as long as the node is there. For nodes.
   */
  session(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_skep_swarm_v1_FromNodeInput, _skep_swarm_v1_ToNode>;
  session(options?: grpc.CallOptions): grpc.ClientDuplexStream<_skep_swarm_v1_FromNodeInput, _skep_swarm_v1_ToNode>;
  
}

/**
 * What nodes are to do, and how it goes.
 */
export interface DispatcherHandlers extends grpc.UntypedServiceImplementation {
  /**
   * One stream for as long as the node is there. For nodes.
   */
  Session: grpc.handleBidiStreamingCall<_skep_swarm_v1_FromNode, _skep_swarm_v1_ToNodeInput>;
  
}

export interface DispatcherDefinition extends grpc.ServiceDefinition {
  Session: MethodDefinition<_skep_swarm_v1_FromNodeInput, _skep_swarm_v1_ToNodeInput, _skep_swarm_v1_FromNode, _skep_swarm_v1_ToNode>
}
