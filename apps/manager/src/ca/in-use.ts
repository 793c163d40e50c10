import { SkepError } from '#lib/common';
import type { ClusterNode } from '#lib/domain';
import type { Caller } from './caller.js';

/**
 * Lets a node's certificate pass if it is the one that the node uses, or the one that it was given last: that one may
 * have been lost on its way. Any other: `unauthorized`.
 */
export function mustBeHeld(node: ClusterNode, { nodeId, fingerprint }: Caller): void {
  if (fingerprint === node.certificate || fingerprint === node.nextCertificate) return;
  throw new SkepError('unauthorized', `the certificate of node ${nodeId} was replaced by another one`);
}

/** The node began a session with this certificate: the one before is refused from now on. */
export function inUse(node: ClusterNode, caller: Caller): ClusterNode {
  mustBeHeld(node, caller);
  const { nextCertificate, ...rest } = node;
  const waiting = nextCertificate !== undefined && nextCertificate !== caller.fingerprint;
  const used = { ...rest, certificate: caller.fingerprint, issuer: caller.issuer };
  return waiting ? { ...used, nextCertificate } : used;
}
