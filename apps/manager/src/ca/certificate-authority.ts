import { X509Certificate } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { newClusterId, SkepError, unsupported } from '#lib/common';
import type { ClusterNode } from '#lib/domain';
import { issueCertificate, sameToken, type NodeRole, type Root } from '#lib/pki';
import type { ClusterStore } from '#lib/store';
import type { ClusterKey } from '../cluster/cluster-key.js';
import { clusterOf } from '../cluster/found.js';
import { KEY, STORE } from '../cluster/tokens.js';

export interface IssuedTo {
  nodeId: string;
  certificate: string;
  root: string;
}

/** Who gets a certificate: holders of a join token, as new nodes, and nodes, as themselves. */
@Injectable()
export class CertificateAuthority {
  constructor(
    @Inject(STORE) private readonly store: ClusterStore,
    @Inject(KEY) private readonly key: ClusterKey,
  ) {}

  get rootCertificate(): string {
    return clusterOf(this.store).rootCertificate;
  }

  /** A new node of the cluster, with the role of its token. */
  async join(request: string, token: string, availability: string): Promise<IssuedTo> {
    const role = this.roleOf(token);
    const nodeId = newClusterId();
    const certificate = await this.issue(request, nodeId, role);
    const now = new Date().toISOString();
    const node: ClusterNode = {
      id: nodeId,
      createdAt: now,
      updatedAt: now,
      spec: { Role: role, Availability: availabilityOf(availability), Labels: {} },
      status: { state: 'unknown', addr: '' },
      certificate: new X509Certificate(certificate).fingerprint256,
    };
    await this.store.transact((view) => {
      if (role === 'manager' && view.list('node').some((other) => other.spec.Role === 'manager')) throw oneManager();
      return { changes: [{ op: 'put', kind: 'node', value: node, expect: 0 }], result: undefined };
    });
    return { nodeId, certificate, root: this.rootCertificate };
  }

  /** The next certificate of a node; the one before is refused from now on. */
  async renew(request: string, nodeId: string, role: NodeRole): Promise<IssuedTo> {
    const certificate = await this.issue(request, nodeId, role);
    await this.store.transact((view) => {
      const node = view.get('node', nodeId)?.value;
      if (!node) throw new SkepError('unauthorized', `node ${nodeId} is not of this cluster any more`);
      const value = { ...node, certificate: new X509Certificate(certificate).fingerprint256 };
      return { changes: [{ op: 'put', kind: 'node', value }], result: undefined };
    });
    return { nodeId, certificate, root: this.rootCertificate };
  }

  private issue(request: string, nodeId: string, role: NodeRole): Promise<string> {
    const { id, spec, rootCertificate, rootKey } = clusterOf(this.store);
    const root: Root = { certificate: rootCertificate, key: this.key.unseal(rootKey).toString('utf8') };
    const life = spec.CAConfig?.NodeCertExpiry;
    return issueCertificate(root, request, { nodeId, role, clusterId: id }, life ? life / 1e6 : undefined);
  }

  private roleOf(token: string): NodeRole {
    const { joinTokens } = clusterOf(this.store);
    const role = (['worker', 'manager'] as const).find((each) => sameToken(joinTokens[each], token));
    if (role) return role;
    throw new SkepError('unauthorized', 'the join token is not valid: it was rotated, or is of another cluster');
  }
}

function oneManager(): SkepError {
  return unsupported('this cluster has one manager, and several are not possible yet: join it as a worker');
}

function availabilityOf(text: string): ClusterNode['spec']['Availability'] {
  if (text === '' || text === 'active') return 'active';
  if (text === 'pause' || text === 'drain') return text;
  throw new SkepError('invalid', `invalid availability ${JSON.stringify(text)}: expected active, pause or drain`);
}
