import { z } from 'zod';
import { unsupported } from '#lib/common';
import type { ClusterSpec } from '#lib/domain';
import { parseBody } from '#lib/http';

const shape = z.looseObject({
  Name: z.string().default('default'),
  Labels: z.record(z.string(), z.string()).nullish(),
  CAConfig: z
    .looseObject({
      ForceRotate: z.number().nullish(),
      SigningCACert: z.string().nullish(),
      SigningCAKey: z.string().nullish(),
      ExternalCAs: z.array(z.unknown()).nullish(),
    })
    .nullish(),
  EncryptionConfig: z.looseObject({ AutoLockManagers: z.boolean().nullish() }).nullish(),
});

/** What the cluster is to be. What would be taken and not done is refused by name. */
export function parseClusterSpec(body: unknown): ClusterSpec {
  const spec = parseBody(shape, body);
  const { ForceRotate, SigningCACert, SigningCAKey, ExternalCAs } = spec.CAConfig ?? {};
  if (ForceRotate || SigningCACert || SigningCAKey) throw unsupported('rotating the root CA is not possible yet');
  if (ExternalCAs?.length) throw unsupported('external CAs are not possible: the manager is the CA');
  if (spec.EncryptionConfig?.AutoLockManagers) throw unsupported('autolock is not possible yet');
  return spec as unknown as ClusterSpec;
}
