import { Controller, Inject, UseGuards } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import type { IssuedInput, IssueRequest, RenewRequest, Root } from '#lib/contracts';
import type { ClusterStore } from '#lib/store';
import { clusterOf } from '../cluster/found.js';
import { STORE } from '../cluster/tokens.js';
import { callerOf, type AuthenticatedCall } from './caller.js';
import { CertificateAuthority, type IssuedTo } from './certificate-authority.js';
import { Roles, RolesGuard } from './roles.js';
import { rpcError } from './rpc-error.js';

/** swarm.proto's Ca. */
@Controller()
@UseGuards(RolesGuard)
export class CaController {
  constructor(
    @Inject(STORE) private readonly store: ClusterStore,
    private readonly authority: CertificateAuthority,
  ) {}

  @GrpcMethod('Ca', 'GetRoot')
  @Roles('anyone')
  getRoot(): Root {
    return { certificate: this.authority.rootCertificate };
  }

  @GrpcMethod('Ca', 'Issue')
  @Roles('anyone')
  issue({ request, token, availability }: IssueRequest): Promise<IssuedInput> {
    return issued(this.authority.join(request, token, availability));
  }

  @GrpcMethod('Ca', 'Renew')
  @Roles('worker', 'manager')
  renew({ request }: RenewRequest, _metadata: unknown, call: AuthenticatedCall): Promise<IssuedInput> {
    const { nodeId, role } = callerOf(call, clusterOf(this.store))!;
    return issued(this.authority.renew(request, nodeId, role));
  }
}

async function issued(work: Promise<IssuedTo>): Promise<IssuedInput> {
  try {
    const { nodeId, certificate, root } = await work;
    return { nodeId, certificate, root };
  } catch (error) {
    throw rpcError(error);
  }
}
