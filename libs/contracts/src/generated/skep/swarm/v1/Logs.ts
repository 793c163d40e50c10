// Original file: libs/contracts/src/swarm.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { LogMessageInput as _skep_swarm_v1_LogMessageInput, LogMessage as _skep_swarm_v1_LogMessage } from '../../../skep/swarm/v1/LogMessage.js';
import type { LogTakenInput as _skep_swarm_v1_LogTakenInput, LogTaken as _skep_swarm_v1_LogTaken } from '../../../skep/swarm/v1/LogTaken.js';

/**
 * What tasks wrote, of a node that was asked for it in its session.
 */
export interface LogsClient extends grpc.Client {
  /**
   * One stream for each LogsWanted: the node sends a piece, and the next one when the manager has answered. The manager ends
   * it when nobody reads any more. For nodes.
   */
  Publish(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_skep_swarm_v1_LogMessageInput, _skep_swarm_v1_LogTaken>;
  Publish(options?: grpc.CallOptions): grpc.ClientDuplexStream<_skep_swarm_v1_LogMessageInput, _skep_swarm_v1_LogTaken>;
  /**
   * One stream for each LogsWanted: the node sends a piece, and the next one when the manager has answered. The manager ends
   * it when nobody reads any more. For nodes.
   */
  publish(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_skep_swarm_v1_LogMessageInput, _skep_swarm_v1_LogTaken>;
  publish(options?: grpc.CallOptions): grpc.ClientDuplexStream<_skep_swarm_v1_LogMessageInput, _skep_swarm_v1_LogTaken>;
  
}

/**
 * What tasks wrote, of a node that was asked for it in its session.
 */
export interface LogsHandlers extends grpc.UntypedServiceImplementation {
  /**
   * One stream for each LogsWanted: the node sends a piece, and the next one when the manager has answered. The manager ends
   * it when nobody reads any more. For nodes.
   */
  Publish: grpc.handleBidiStreamingCall<_skep_swarm_v1_LogMessage, _skep_swarm_v1_LogTakenInput>;
  
}

export interface LogsDefinition extends grpc.ServiceDefinition {
  Publish: MethodDefinition<_skep_swarm_v1_LogMessageInput, _skep_swarm_v1_LogTakenInput, _skep_swarm_v1_LogMessage, _skep_swarm_v1_LogTaken>
}
