import { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import { SkepError } from '#lib/common';
import { identityOf, type NodeIdentity } from '#lib/pki';

/** Of a gRPC call, as grpc-js gives it. */
export interface AuthenticatedCall {
  getAuthContext(): { sslPeerCertificate?: ReturnType<TLSSocket['getPeerCertificate']> };
}

export interface Caller extends NodeIdentity {
  /** SHA-256 of the certificate, as `fingerprint256` has it */
  fingerprint: string;
}

/**
 * Who calls, by the certificate of the connection; undefined for somebody without one. TLS lets everybody in, because a
 * joining node has no certificate yet, so the certificate is verified here: it must be signed by the cluster's root and
 * be valid now. Errors: `unauthorized`.
 */
export function callerOf(call: AuthenticatedCall, rootCertificate: string, now = Date.now()): Caller | undefined {
  const raw = call.getAuthContext().sslPeerCertificate?.raw;
  if (raw === undefined || raw.length === 0) return undefined;
  const certificate = new X509Certificate(raw);
  const root = new X509Certificate(rootCertificate);
  if (!certificate.checkIssued(root) || !certificate.verify(root.publicKey)) {
    throw new SkepError('unauthorized', 'the certificate of the caller is not of this cluster');
  }
  if (now < Date.parse(certificate.validFrom) || now > Date.parse(certificate.validTo)) {
    throw new SkepError(
      'unauthorized',
      `the certificate of the caller is valid from ${certificate.validFrom} to ${certificate.validTo}, which is not now`,
    );
  }
  return { ...identityOf(raw), fingerprint: certificate.fingerprint256 };
}
