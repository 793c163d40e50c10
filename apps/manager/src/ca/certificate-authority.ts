import { X509Certificate } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { newClusterId, SkepError, unavailable, unsupported } from '#lib/common';
import type { Cluster, ClusterNode } from '#lib/domain';
import { digestOfCertificate, issueCertificate, sameToken, type NodeRole } from '#lib/pki';
import type { ClusterStore, ClusterView } from '#lib/store';
import type { ClusterKey } from '../cluster/cluster-key.js';
import { clusterOf } from '../cluster/found.js';
import { KEY, STORE } from '../cluster/tokens.js';
import { signingRoot, trustedRoots } from './roots.js';

export interface IssuedTo {
  nodeId: string;
  certificate: string;
  /** the roots that the node is to trust, PEM */
  root: string;
}

/** A new certificate, with the digest of its root's. */
interface Signed {
  certificate: string;
  issuer: string;
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
    const { certificate, issuer } = await this.issue(request, nodeId, role);
    const now = new Date().toISOString();
    const node: ClusterNode = {
      id: nodeId,
      createdAt: now,
      updatedAt: now,
      spec: { Role: role, Availability: availabilityOf(availability), Labels: {} },
      status: { state: 'unknown', addr: '' },
      certificate: new X509Certificate(certificate).fingerprint256,
      issuer,
    };
    const root = await this.store.transact((view) => {
      if (role === 'manager' && view.list('node').some((other) => other.spec.Role === 'manager')) throw oneManager();
      return { changes: [{ op: 'put', kind: 'node', value: node, expect: 0 }], result: rootsWith(issuer, view) };
    });
    return { nodeId, certificate, root };
  }

  /** The next certificate of a node; once the node uses it, the one before is refused. */
  async renew(request: string, nodeId: string, role: NodeRole): Promise<IssuedTo> {
    const { certificate, issuer } = await this.issue(request, nodeId, role);
    const root = await this.store.transact((view) => {
      const node = view.get('node', nodeId)?.value;
      if (!node) throw new SkepError('unauthorized', `node ${nodeId} is not of this cluster any more`);
      const value = { ...node, nextCertificate: new X509Certificate(certificate).fingerprint256 };
      return { changes: [{ op: 'put', kind: 'node', value }], result: rootsWith(issuer, view) };
    });
    return { nodeId, certificate, root };
  }

  private async issue(request: string, nodeId: string, role: NodeRole): Promise<Signed> {
    const cluster = clusterOf(this.store);
    const root = signingRoot(cluster, this.key);
    const identity = { nodeId, role, clusterId: cluster.id };
    const certificate = await issueCertificate(root, request, identity, certificateLife(cluster));
    return { certificate, issuer: digestOfCertificate(root.certificate) };
  }

  private roleOf(token: string): NodeRole {
    const { joinTokens } = clusterOf(this.store);
    const role = (['worker', 'manager'] as const).find((each) => sameToken(joinTokens[each], token));
    if (role) return role;
    throw new SkepError('unauthorized', 'the join token is not valid: it was rotated, or is of another cluster');
  }
}

/** Of certificates of nodes: milliseconds; undefined: the default. */
export function certificateLife({ spec }: Cluster): number | undefined {
  const life = spec.CAConfig?.NodeCertExpiry;
  return life ? life / 1e6 : undefined;
}

/** What the node is to trust. A certificate whose root was dropped while it was being signed is not given out. */
function rootsWith(issuer: string, view: ClusterView): string {
  const roots = trustedRoots(clusterOf(view));
  if (roots.some((root) => digestOfCertificate(root) === issuer)) return roots.join('\n');
  throw unavailable('the root of the cluster was changed in this moment: ask again');
}

function oneManager(): SkepError {
  return unsupported('this cluster has one manager, and several are not possible yet: join it as a worker');
}

function availabilityOf(text: string): ClusterNode['spec']['Availability'] {
  if (text === '' || text === 'active') return 'active';
  if (text === 'pause' || text === 'drain') return text;
  throw new SkepError('invalid', `invalid availability ${JSON.stringify(text)}: expected active, pause or drain`);
}
