import { createHash, randomBytes, X509Certificate } from 'node:crypto';
import { publicKeyOf } from './certificate-request.js';
import { subjectOf, type NodeIdentity } from './node-certificate.js';
import { ALGORITHM, keyFromPem, keyToPem, newKeys, x509 } from './x509.js';

const DAY = 24 * 3600 * 1000;
const ROOT_LIFE = 20 * 365 * DAY;
/** Docker's default for certificates of nodes. Milliseconds. */
const NODE_CERTIFICATE_LIFE = 90 * DAY;
/** Clocks of nodes differ. */
const LEEWAY = 3600 * 1000;

/** A cluster's root: certificate and key, PEM. */
export interface Root {
  certificate: string;
  key: string;
}

/** ECDSA P-256, valid for 20 years, and only for signing certificates below it. */
export async function newRoot(clusterId: string, now = Date.now()): Promise<Root> {
  const keys = await newKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serial(),
    name: `O=${clusterId}, CN=swarm-ca`,
    notBefore: new Date(now - LEEWAY),
    notAfter: new Date(now + ROOT_LIFE),
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate: certificate.toString('pem'), key: await keyToPem(keys.privateKey) };
}

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
  const { KeyUsageFlags: use } = x509;
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serial(),
    subject: subjectOf(identity),
    issuer: issuer.subject,
    notBefore: new Date(now - LEEWAY),
    notAfter: new Date(now + life),
    publicKey,
    signingKey: await keyFromPem(root.key),
    signingAlgorithm: ALGORITHM,
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

/** Positive, 127 random bits, hex. */
function serial(): string {
  const bytes = randomBytes(16);
  bytes[0]! &= 0x7f;
  return bytes.toString('hex');
}
