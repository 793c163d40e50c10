import { Controller, Inject, UseGuards } from '@nestjs/common';
import { GrpcStreamMethod } from '@nestjs/microservices';
import type { Observable } from 'rxjs';
import type { LogMessage, LogTakenInput } from '#lib/contracts';
import type { ClusterStore } from '#lib/store';
import { callerOf, type AuthenticatedCall } from '../ca/caller.js';
import { Roles, RolesGuard } from '../ca/roles.js';
import { clusterOf } from '../cluster/found.js';
import { STORE } from '../cluster/tokens.js';
import { LogBroker } from './log-broker.js';

interface LogsCall extends AuthenticatedCall {
  /** the node did not end it */
  cancelled: boolean;
}

/** swarm.proto's Logs. */
@Controller()
@UseGuards(RolesGuard)
export class LogsController {
  constructor(
    @Inject(STORE) private readonly store: ClusterStore,
    private readonly broker: LogBroker,
  ) {}

  @GrpcStreamMethod('Logs', 'Publish')
  @Roles('worker', 'manager')
  publish(messages: Observable<LogMessage>, _metadata: unknown, call: LogsCall): Observable<LogTakenInput> {
    const { nodeId } = callerOf(call, clusterOf(this.store))!;
    return this.broker.publish(nodeId, messages, () => call.cancelled);
  }
}
