import { type CanActivate, type ExecutionContext, Inject, Injectable, Logger, SetMetadata } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { SkepError } from '#lib/common';
import type { NodeRole } from '#lib/pki';
import type { ClusterStore } from '#lib/store';
import { clusterOf } from '../cluster/found.js';
import { STORE } from '../cluster/tokens.js';
import { rpcError } from './rpc-error.js';
import { mustBeHeld } from './in-use.js';
import { callerOf, type AuthenticatedCall } from './caller.js';

export const ROLES = 'swarm roles';

/** Nest's own (@nestjs/microservices, constants): which RPC a method is. */
const PATTERN = 'microservices:pattern';

/** `anyone`: also without a certificate. Every method declares its roles; a test fails for one that does not. */
export type Allowed = NodeRole | 'anyone';

/** The roles that may call an RPC, written beside it. */
export const Roles = (...roles: [Allowed, ...Allowed[]]) => SetMetadata(ROLES, roles);

/** Lets a call through if the caller's certificate has one of the roles that the method declares, and is not revoked. */
@Injectable()
export class RolesGuard implements CanActivate {
  private readonly log = new Logger('ca');

  constructor(
    @Inject(STORE) private readonly store: ClusterStore,
    private readonly reflector: Reflector,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    const method = this.methodOf(context);
    try {
      this.check(method, this.reflector.get<Allowed[] | undefined>(ROLES, context.getHandler()) ?? [], context);
      return true;
    } catch (error) {
      this.log.warn(`${method}: refused: ${(error as Error).message}`);
      throw rpcError(error);
    }
  }

  private check(method: string, allowed: readonly Allowed[], context: ExecutionContext): void {
    if (allowed.includes('anyone')) return;
    const caller = callerOf(context.getArgByIndex<AuthenticatedCall>(2), clusterOf(this.store));
    // One that does not hold before the root is kept from us by gRPC: it is as if there were none.
    if (!caller) {
      throw new SkepError(
        'unauthorized',
        `${method} is for nodes of the cluster: the caller has no certificate, or one that has expired or is of another cluster`,
      );
    }
    if (!allowed.includes(caller.role)) {
      throw new SkepError('forbidden', `${method} is not for a ${caller.role}: ${allowed.join(' or ')} is needed`);
    }
    const node = this.store.get('node', caller.nodeId)?.value;
    if (!node) throw new SkepError('unauthorized', `node ${caller.nodeId} is not of this cluster any more`);
    mustBeHeld(node, caller);
  }

  /** As swarm.proto has it: the handler of a stream has no name of its own. */
  private methodOf(context: ExecutionContext): string {
    const handler = context.getHandler();
    const [rpc] = this.reflector.get<{ service: string; rpc: string }[] | undefined>(PATTERN, handler) ?? [];
    return rpc ? `${rpc.service}.${rpc.rpc}` : `${context.getClass().name}.${handler.name}`;
  }
}
