import { z } from 'zod';
import { invalid, unsupported } from '#lib/common';
import { checkHeartbeat, type Cluster, type ClusterSpec } from '#lib/domain';
import { parseBody } from '#lib/http';
import { broughtRoot, checkCertificateLife, newRoot, type Root } from '#lib/pki';

const text = z.string().nullish();
const shape = z.looseObject({
  Name: z.string().default('default'),
  Labels: z.record(z.string(), z.string()).nullish(),
  Orchestration: z.looseObject({ TaskHistoryRetentionLimit: z.number().int().nullish() }).nullish(),
  Dispatcher: z.looseObject({ HeartbeatPeriod: z.number().int().min(0).nullish() }).nullish(),
  CAConfig: z
    .looseObject({
      NodeCertExpiry: z.number().int().min(0).nullish(),
      ForceRotate: z.number().int().min(0).nullish(),
      SigningCACert: text,
      SigningCAKey: text,
      ExternalCAs: z.array(z.unknown()).nullish(),
    })
    .nullish(),
  EncryptionConfig: z.looseObject({ AutoLockManagers: z.boolean().nullish() }).nullish(),
});

/** What a cluster is to be, and the root that somebody brings for it. */
export interface WantedCluster {
  /** without certificate and key of a root: whoever reads a spec and sends it back asks for no change */
  spec: ClusterSpec;
  brought?: { certificate: string; key: string };
}

/** What would be taken and not done is refused by name. */
export function parseClusterSpec(body: unknown): WantedCluster {
  const { CAConfig, ...rest } = parseBody(shape, body);
  checkHeartbeat(rest.Dispatcher?.HeartbeatPeriod);
  if (rest.EncryptionConfig?.AutoLockManagers) throw unsupported('autolock is not possible yet');
  if (!CAConfig) return { spec: rest as ClusterSpec };
  const { SigningCACert: certificate, SigningCAKey: key, ...kept } = CAConfig;
  checkCertificateLife(kept.NodeCertExpiry);
  if (kept.ExternalCAs?.length) throw unsupported('external CAs are not possible: the manager is the CA');
  if (key && !certificate) {
    throw invalid('if a signing CA key is provided, the signing CA cert must also be provided');
  }
  if (certificate && !key) throw unsupported('a CA certificate is of no use without its key: the manager is the CA');
  const spec = { ...rest, CAConfig: kept } as ClusterSpec;
  return certificate && key ? { spec, brought: { certificate, key } } : { spec };
}

/** The root that the cluster is to have instead of its own, if it is asked for one; undefined: it keeps what it has. */
export async function nextRoot(cluster: Cluster, { spec, brought }: WantedCluster): Promise<Root | undefined> {
  if (brought) return broughtRoot(brought.certificate, brought.key);
  const forced = (of: ClusterSpec) => of.CAConfig?.ForceRotate ?? 0;
  return forced(spec) === forced(cluster.spec) ? undefined : newRoot(cluster.id);
}
