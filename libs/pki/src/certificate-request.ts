import { invalid } from '#lib/common';
import { ALGORITHM, keyToPem, newKeys, x509 } from './x509.js';

export interface CertificateRequest {
  /** PKCS #10, PEM */
  request: string;
  /** PKCS #8, PEM; it never leaves the node */
  key: string;
}

/** A new key and a request for a certificate of it. Who the holder will be is for the authority to say. */
export async function newCertificateRequest(): Promise<CertificateRequest> {
  const keys = await newKeys();
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: 'CN=swarm-node',
    keys,
    signingAlgorithm: ALGORITHM,
  });
  return { request: request.toString('pem'), key: await keyToPem(keys.privateKey) };
}

/** The public key of a request whose signature shows that the sender has the private one. Anything else: `invalid`. */
export async function publicKeyOf(request: string): Promise<x509.PublicKey> {
  let parsed: x509.Pkcs10CertificateRequest;
  try {
    parsed = new x509.Pkcs10CertificateRequest(request);
  } catch (error) {
    throw invalid('the certificate request is not PKCS #10 in PEM', error);
  }
  const { algorithm } = parsed.publicKey;
  if (algorithm.name !== 'ECDSA' || (algorithm as { namedCurve?: string }).namedCurve !== 'P-256') {
    throw invalid(`the certificate request has a key of type ${algorithm.name}; ECDSA on P-256 is accepted`);
  }
  if (!(await parsed.verify())) throw invalid('the signature of the certificate request is not of its own key');
  return parsed.publicKey;
}
