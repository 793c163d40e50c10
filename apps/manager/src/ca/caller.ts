import { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import { SkepError } from '#lib/common';
import type { Cluster } from '#lib/domain';
import { identityOf, type NodeIdentity } from '#lib/pki';
import { issuerOf } from './roots.js';

/** Of a gRPC call, as grpc-js gives it. */
export interface AuthenticatedCall {
  getAuthContext(): { sslPeerCertificate?: ReturnType<TLSSocket['getPeerCertificate']> };
}

export interface Caller extends NodeIdentity {
  /** SHA-256 of the certificate, as `fingerprint256` has it */
  fingerprint: string;
  /** digest of the root's certificate that it is below */
  issuer: string;
}

/**
 * Who calls, by the certificate of the connection; undefined for somebody without one. TLS lets everybody in, because a
 * joining node has no certificate yet, so the certificate is verified here: it must be signed by a root that
 * the cluster trusts, and be valid now. Errors: `unauthorized`.
 */
export function callerOf(call: AuthenticatedCall, cluster: Cluster, now = Date.now()): Caller | undefined {
  const raw = call.getAuthContext().sslPeerCertificate?.raw;
  if (raw === undefined || raw.length === 0) return undefined;
  const certificate = new X509Certificate(raw);
  const issuer = issuerOf(raw, cluster);
  if (issuer === undefined) {
    throw new SkepError('unauthorized', 'the certificate of the caller is not of this cluster');
  }
  if (now < Date.parse(certificate.validFrom) || now > Date.parse(certificate.validTo)) {
    throw new SkepError(
      'unauthorized',
      `the certificate of the caller is valid from ${certificate.validFrom} to ${certificate.validTo}, which is not now`,
    );
  }
  return { ...identityOf(raw), fingerprint: certificate.fingerprint256, issuer };
}
