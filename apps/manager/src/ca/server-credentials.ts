import { ServerCredentials } from '@grpc/grpc-js';
import { issueCertificate, newCertificateRequest, type Root } from '#lib/pki';

/**
 * TLS of a manager's server. A client's certificate is asked for and not insisted on: a joining node has none. It is
 * verified for each call (`callerOf`).
 */
class ManagerCredentials extends ServerCredentials {
  constructor(root: string, certificate: string, key: string) {
    super(
      { requestCert: true, rejectUnauthorized: false, minVersion: 'TLSv1.2' },
      { ca: [Buffer.from(root)], cert: [Buffer.from(certificate)], key: [Buffer.from(key)] },
    );
  }

  override _isSecure(): boolean {
    return true;
  }

  override _equals(other: ServerCredentials): boolean {
    return other === this;
  }
}

/** A certificate of the manager's own, made at each start and kept in memory only. */
export async function managerCredentials(root: Root, clusterId: string, nodeId: string): Promise<ServerCredentials> {
  const { request, key } = await newCertificateRequest();
  const certificate = await issueCertificate(root, request, { clusterId, nodeId, role: 'manager' });
  return new ManagerCredentials(root.certificate, certificate, key);
}
