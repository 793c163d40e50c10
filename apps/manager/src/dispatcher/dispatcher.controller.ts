import { Controller, Inject, UseGuards } from '@nestjs/common';
import { GrpcStreamMethod } from '@nestjs/microservices';
import type { ServerDuplexStream } from '@grpc/grpc-js';
import type { Observable } from 'rxjs';
import type { FromNode, ToNodeInput } from '#lib/contracts';
import type { ClusterStore } from '#lib/store';
import { callerOf, type AuthenticatedCall } from '../ca/caller.js';
import { Roles, RolesGuard } from '../ca/roles.js';
import { clusterOf } from '../cluster/found.js';
import { STORE } from '../cluster/tokens.js';
import { Dispatcher } from './dispatcher.js';

type Call = ServerDuplexStream<FromNode, ToNodeInput> & AuthenticatedCall;

/** swarm.proto's Dispatcher. */
@Controller()
@UseGuards(RolesGuard)
export class DispatcherController {
  constructor(
    @Inject(STORE) private readonly store: ClusterStore,
    private readonly dispatcher: Dispatcher,
  ) {}

  @GrpcStreamMethod('Dispatcher', 'Session')
  @Roles('worker', 'manager')
  session(messages: Observable<FromNode>, _metadata: unknown, call: Call): Observable<ToNodeInput> {
    return this.dispatcher.open(callerOf(call, clusterOf(this.store))!, call.getPeer(), messages);
  }
}
