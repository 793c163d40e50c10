import { status } from '@grpc/grpc-js';
import { Controller, Inject } from '@nestjs/common';
import { GrpcMethod, RpcException } from '@nestjs/microservices';
import { SkepError, messageOf, type ErrorCode } from '#lib/common';
import type { Applied, Changes, Explanation, Metrics, Question, State } from '#lib/contracts';
import { Resolver } from '../resolver.js';

const STATUS: Partial<Record<ErrorCode, status>> = {
  invalid: status.INVALID_ARGUMENT,
  not_found: status.NOT_FOUND,
  unavailable: status.UNAVAILABLE,
  exhausted: status.RESOURCE_EXHAUSTED,
};

/** resolver.proto's service. */
@Controller()
export class ResolverController {
  constructor(@Inject(Resolver) private readonly resolver: Resolver) {}

  @GrpcMethod('Resolver', 'Apply')
  apply(changes: Changes): Promise<Applied> {
    return translated(() => this.resolver.apply(changes));
  }

  @GrpcMethod('Resolver', 'GetState')
  getState(): State {
    return this.resolver.state();
  }

  @GrpcMethod('Resolver', 'Explain')
  explain(question: Question): Promise<Explanation> {
    return translated(() => this.resolver.explain(question));
  }

  @GrpcMethod('Resolver', 'GetMetrics')
  async getMetrics(): Promise<Metrics> {
    return { text: await this.resolver.metrics() };
  }
}

async function translated<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    const code = (SkepError.is(error) ? STATUS[error.code] : undefined) ?? status.INTERNAL;
    throw new RpcException({ code, message: messageOf(error) });
  }
}
