import { SkepError } from '#lib/common';
import type { Cluster } from '#lib/domain';
import { digestOfCertificate, newJoinToken, rootOf, sameKey, type Root } from '#lib/pki';
import type { ClusterKey } from '../cluster/cluster-key.js';

/** The roots whose certificates are good: the cluster's first, and while that is changed the next one last. PEM. */
export function trustedRoots({ rootCertificate, nextRoot }: Cluster): string[] {
  if (!nextRoot) return [rootCertificate];
  return [...new Set([rootCertificate, ...nextRoot.abandoned]), nextRoot.certificate];
}

/** The root that signs certificates of nodes. */
export function signingRoot(cluster: Cluster, key: ClusterKey): Root {
  const sealed = cluster.nextRoot?.key ?? cluster.rootKey;
  return { certificate: signingRootCertificate(cluster), key: key.unseal(sealed).toString('utf8') };
}

export function signingRootCertificate({ rootCertificate, nextRoot }: Cluster): string {
  return nextRoot?.certificate ?? rootCertificate;
}

/** The root below which the manager itself is: the one that also a node trusts which has not heard of the next. */
export function ownRoot({ rootCertificate, rootKey }: Cluster, key: ClusterKey): Root {
  return { certificate: rootCertificate, key: key.unseal(rootKey).toString('utf8') };
}

/**
 * The cluster on its way to another root. One that is on its way already goes to this root instead; the cluster's own is
 * the way back.
 */
export function towards(cluster: Cluster, { certificate, key }: Root, seal: ClusterKey): Cluster {
  const known = trustedRoots(cluster);
  if (known.some((root) => root !== certificate && sameKey(root, certificate))) {
    throw new SkepError(
      'invalid',
      'Cannot update to a cert with an identical key: the next root needs a key of its own',
    );
  }
  const abandoned = known.slice(1).filter((root) => root !== certificate);
  return { ...cluster, nextRoot: { certificate, key: seal.seal(Buffer.from(key)), abandoned } };
}

/** The next root is the cluster's now, and no other one is trusted: also join tokens are of it. */
export function arrived(cluster: Cluster): Cluster {
  const { nextRoot, ...rest } = cluster;
  if (!nextRoot) return cluster;
  const { certificate, key } = nextRoot;
  const joinTokens = { worker: newJoinToken(certificate), manager: newJoinToken(certificate) };
  return { ...rest, rootCertificate: certificate, rootKey: key, joinTokens };
}

/** The root of a certificate among those that the cluster trusts, by its digest, as nodes are marked with it. */
export function issuerOf(certificate: string | Buffer, cluster: Cluster): string | undefined {
  const root = rootOf(certificate, trustedRoots(cluster));
  return root && digestOfCertificate(root);
}
