import { status } from '@grpc/grpc-js';
import { RpcException } from '@nestjs/microservices';
import { messageOf, SkepError, type ErrorCode } from '#lib/common';

const STATUS: Record<ErrorCode, status> = {
  invalid: status.INVALID_ARGUMENT,
  unauthorized: status.UNAUTHENTICATED,
  forbidden: status.PERMISSION_DENIED,
  not_found: status.NOT_FOUND,
  conflict: status.ABORTED,
  unsupported: status.UNIMPLEMENTED,
  unavailable: status.UNAVAILABLE,
  exhausted: status.RESOURCE_EXHAUSTED,
  timeout: status.DEADLINE_EXCEEDED,
  internal: status.INTERNAL,
};

/** The edge: an error of ours as gRPC has it. */
export function rpcError(error: unknown): RpcException {
  const code = SkepError.is(error) ? STATUS[error.code] : status.INTERNAL;
  return new RpcException({ code, message: messageOf(error) });
}
