import type { Cluster } from '#lib/domain';
import { issuerInfo } from '#lib/pki';
import { signingRootCertificate } from '../ca/roots.js';

/** GET /swarm (Docker Engine API 1.51). While the root is changed, the trusted one is the old, the issuer the next. */
export function swarmJson(cluster: Cluster, version: number) {
  return {
    ID: cluster.id,
    Version: { Index: version },
    CreatedAt: cluster.createdAt,
    UpdatedAt: cluster.updatedAt,
    Spec: cluster.spec,
    TLSInfo: { TrustRoot: cluster.rootCertificate, ...issuerInfo(signingRootCertificate(cluster)) },
    RootRotationInProgress: cluster.nextRoot !== undefined,
    DataPathPort: cluster.dataPathPort,
    DefaultAddrPool: cluster.addressPools.map((pool) => pool.base),
    SubnetSize: cluster.addressPools[0]?.size,
    JoinTokens: { Worker: cluster.joinTokens.worker, Manager: cluster.joinTokens.manager },
  };
}
