import type { Cluster, ClusterNode } from '#lib/domain';
import { digestOfCertificate, issuerInfo } from '#lib/pki';
import { trustedRoots } from '../ca/roots.js';
import type { Found } from '../cluster/lookup.js';

/** GET /nodes/:id (Docker Engine API 1.51). */
export function nodeJson({ value: node, version }: Found<'node'>, cluster: Cluster) {
  const { description } = node;
  return {
    ID: node.id,
    Version: { Index: version },
    CreatedAt: node.createdAt,
    UpdatedAt: node.updatedAt,
    Spec: { Labels: {}, ...node.spec },
    Description: description && {
      Hostname: description.hostname,
      Platform: { Architecture: description.architecture, OS: description.os },
      Resources: { NanoCPUs: description.nanoCpus, MemoryBytes: description.memoryBytes },
      Engine: {
        EngineVersion: description.engineVersion,
        Labels: description.engineLabels,
        Plugins: description.drivers.map((Name) => ({ Type: 'Network', Name })),
      },
      TLSInfo: tlsInfo(node, cluster),
    },
    Status: statusOf(node),
    ...(node.spec.Role === 'manager' && {
      ManagerStatus: {
        Leader: true,
        Reachability: 'reachable',
        // One that has not said it since the manager is of this version.
        Addr: description?.managerAddress ?? node.status.addr,
      },
    }),
  };
}

function statusOf({ status }: ClusterNode) {
  return { State: status.state, Addr: status.addr, ...(status.message && { Message: status.message }) };
}

/** Whom the node trusts, by its own word, and who signed the certificate that it uses. */
function tlsInfo({ issuer, description }: ClusterNode, cluster: Cluster) {
  const root = trustedRoots(cluster).find((each) => digestOfCertificate(each) === issuer);
  return { ...(description?.trustRoot && { TrustRoot: description.trustRoot }), ...(root && issuerInfo(root)) };
}
