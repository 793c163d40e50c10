import { createPrivateKey, X509Certificate } from 'node:crypto';
import { invalid } from '#lib/common';
import { ALGORITHM, keyToPem, LEEWAY, newKeys, serial, signerFromPem, x509 } from './x509.js';

const YEAR = 365 * 24 * 3600 * 1000;
const ROOT_LIFE = 20 * YEAR;
/** Of a root that people bring, as Docker has it. Milliseconds. */
const LEAST_LIFE = YEAR;

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

/** A root that somebody brings, in the form of our own. Anything that could not be one: `invalid`. */
export async function broughtRoot(certificate: string, key: string, now = Date.now()): Promise<Root> {
  const all = certificatesIn(certificate);
  if (all.length !== 1) {
    throw invalid(`the desired CA certificate must be one certificate in PEM; there are ${all.length}`);
  }
  let parsed: X509Certificate;
  try {
    parsed = new X509Certificate(all[0]!);
  } catch (error) {
    throw invalid('could not parse the desired CA certificate', error);
  }
  if (!parsed.ca) throw invalid('the desired CA certificate is none of an authority: its basic constraints say so');
  if (!parsed.verify(parsed.publicKey)) throw invalid('the desired CA certificate is not signed with its own key');
  await signerFromPem(key);
  if (!parsed.checkPrivateKey(createPrivateKey(key))) {
    throw invalid('the desired CA key is not the one of the desired CA certificate');
  }
  if (Date.parse(parsed.validTo) < now + LEAST_LIFE) {
    throw invalid(`CA certificate expires too soon: ${parsed.validTo}; it must be valid for a year`);
  }
  return { certificate: new x509.X509Certificate(all[0]!).toString('pem'), key };
}

/** Each certificate of a text in PEM, by itself. */
export function certificatesIn(pem: string): string[] {
  return pem.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
}

/** Which of these roots signed a certificate; undefined: none of them. */
export function rootOf(certificate: string | Buffer, roots: readonly string[]): string | undefined {
  const parsed = new X509Certificate(certificate);
  return roots.find((each) => {
    const root = new X509Certificate(each);
    return parsed.checkIssued(root) && parsed.verify(root.publicKey);
  });
}

/** Have these certificates one key? */
export function sameKey(one: string, other: string): boolean {
  return new X509Certificate(one).publicKey.equals(new X509Certificate(other).publicKey);
}

/** As Docker's API names who signed: subject and public key of a root, DER in base 64. */
export function issuerInfo(root: string): { CertIssuerSubject: string; CertIssuerPublicKey: string } {
  const { subjectName, publicKey } = new x509.X509Certificate(root);
  return {
    CertIssuerSubject: Buffer.from(subjectName.toArrayBuffer()).toString('base64'),
    CertIssuerPublicKey: Buffer.from(publicKey.rawData).toString('base64'),
  };
}
