import { createHash, X509Certificate } from 'node:crypto';
import { publicKeyOf } from './certificate-request.js';
import { subjectOf, type NodeIdentity } from './node-certificate.js';
import type { Root } from './root.js';
import { LEEWAY, serial, signerFromPem, x509 } from './x509.js';

/** Docker's default for certificates of nodes. Milliseconds. */
const NODE_CERTIFICATE_LIFE = 90 * 24 * 3600 * 1000;

/**
 * Signs a node's request. Of the request only the key counts; who the holder is, the caller says.
 * @param life milliseconds
 * @returns PEM
 */
export async function issueCertificate(
  root: Root,
  request: string,
  identity: NodeIdentity,
  life = NODE_CERTIFICATE_LIFE,
  now = Date.now(),
): Promise<string> {
  const issuer = new x509.X509Certificate(root.certificate);
  const publicKey = await publicKeyOf(request);
  const signer = await signerFromPem(root.key);
  const { KeyUsageFlags: use } = x509;
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serial(),
    subject: subjectOf(identity),
    issuer: issuer.subjectName,
    notBefore: new Date(now - LEEWAY),
    notAfter: new Date(now + life),
    publicKey,
    signingKey: signer.key,
    signingAlgorithm: signer.algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(use.digitalSignature | use.keyEncipherment, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth, x509.ExtendedKeyUsage.clientAuth]),
      // Peers look at the role, not at addresses, which change.
      new x509.SubjectAlternativeNameExtension([
        { type: 'dns', value: `swarm-${identity.role}` },
        { type: 'dns', value: identity.nodeId },
      ]),
      await x509.AuthorityKeyIdentifierExtension.create(issuer),
      await x509.SubjectKeyIdentifierExtension.create(publicKey),
    ],
  });
  return certificate.toString('pem');
}

/** SHA-256 over the certificate's DER, hex: what join tokens carry. */
export function digestOfCertificate(pem: string): string {
  return createHash('sha256').update(new X509Certificate(pem).raw).digest('hex');
}
