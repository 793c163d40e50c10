import { execFileSync } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect, createServer, type TLSSocket } from 'node:tls';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  broughtRoot,
  certificatesIn,
  checkJoinToken,
  identityOf,
  issuerInfo,
  issueCertificate,
  newCertificateRequest,
  newJoinToken,
  newRoot,
  checkCertificateLife,
  renewalTime,
  rootByToken,
  rootOf,
  sameToken,
  validityOf,
  type CertificateRequest,
  type Root,
} from './index.js';

const DAY = 24 * 3600 * 1000;
const identity = { nodeId: 'n'.repeat(25), role: 'worker', clusterId: 'c'.repeat(25) } as const;
let root: Root;
let other: Root;
let asked: CertificateRequest;
let certificate: string;

beforeAll(async () => {
  [root, other] = await Promise.all([newRoot(identity.clusterId), newRoot('another')]);
  asked = await newCertificateRequest();
  certificate = await issueCertificate(root, asked.request, identity);
});

describe('an authority', () => {
  it('signs what says who the holder is, for 90 days', () => {
    const parsed = new X509Certificate(certificate);
    expect(parsed.verify(new X509Certificate(root.certificate).publicKey)).toBe(true);
    expect(parsed.verify(new X509Certificate(other.certificate).publicKey)).toBe(false);
    expect(parsed.checkPrivateKey(createPrivateKey(asked.key))).toBe(true);
    expect(parsed.ca).toBe(false);
    expect(identityOf(certificate)).toEqual(identity);
    const { from, to } = validityOf(certificate);
    expect((to - from) / DAY).toBeCloseTo(90, 0);
  });

  it('refuses a request that was changed on its way, and what is none', async () => {
    const bytes = Buffer.from(asked.request.split('\n').slice(1, -1).join(''), 'base64');
    bytes[bytes.length - 1]! ^= 1;
    const forged = `-----BEGIN CERTIFICATE REQUEST-----\n${bytes.toString('base64')}\n-----END CERTIFICATE REQUEST-----`;
    await expect(issueCertificate(root, forged, identity)).rejects.toMatchObject({ code: 'invalid' });
    await expect(issueCertificate(root, 'hello', identity)).rejects.toThrow('not PKCS #10');
  });

  it('says of a certificate of somebody else that it is of no node', () => {
    expect(() => identityOf(root.certificate)).toThrow('expected O=CLUSTER, OU=swarm-manager');
  });

  it('is asked for lives of an hour and more', () => {
    for (const life of [undefined, null, 0, 3600e9]) expect(() => checkCertificateLife(life)).not.toThrow();
    expect(() => checkCertificateLife(3599e9)).toThrow('minimum certificate expiry time is: 1h0m0s');
  });

  it('has certificates renewed between half and four fifths of their life', async () => {
    const hours = 3600_000;
    for (const life of [hours, 90 * 24 * hours]) {
      const issued = Math.floor(Date.now() / 1000) * 1000;
      const made = await issueCertificate(root, asked.request, identity, life, issued);
      expect(validityOf(made)).toEqual({ from: issued - hours, to: issued + life });
      expect(renewalTime(made, 0)).toBe(issued + life * 0.5);
      expect(renewalTime(made, 0.999)).toBeLessThan(issued + life * 0.8);
    }
  });

  it('makes what TLS accepts on both sides, and what another root refuses', async () => {
    const server = await serve();
    const { port } = server.address() as { port: number };
    const dial = (ca: string) =>
      new Promise<string>((resolve) => {
        const own = { cert: certificate, key: asked.key };
        const socket = connect({ port, host: '127.0.0.1', servername: 'swarm-worker', ca, ...own });
        socket.on('data', (data) => resolve(data.toString()));
        socket.on('error', (error) => resolve(error.message));
      });
    expect(await dial(root.certificate)).toBe(identity.nodeId);
    expect(await dial(other.certificate)).toMatch(/certificate/);
    server.close();
  });

  function serve() {
    const own = { cert: certificate, key: asked.key, ca: root.certificate };
    const server = createServer({ ...own, requestCert: true, rejectUnauthorized: true }, (socket: TLSSocket) => {
      socket.on('error', () => undefined);
      socket.end(String(socket.getPeerCertificate().subject.CN));
    });
    return new Promise<typeof server>((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
  }
});

describe('a root that somebody brings', () => {
  const YEARS = ['-days', '800'];
  /** Made with openssl, as people do it. */
  function bring(options: readonly string[], days: readonly string[] = YEARS): Root {
    const folder = mkdtempSync(join(tmpdir(), 'skep-pki-'));
    const [cert, keyFile] = [join(folder, 'ca.pem'), join(folder, 'ca-key.pem')];
    const out = ['-keyout', keyFile, '-out', cert, '-subj', '/CN=ours'];
    execFileSync('openssl', ['req', '-x509', '-nodes', ...days, ...options, ...out], { stdio: 'pipe' });
    const made = { certificate: readFileSync(cert, 'utf8'), key: readFileSync(keyFile, 'utf8') };
    rmSync(folder, { recursive: true });
    return made;
  }
  const P384 = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-384'];

  it.each([
    ['RSA', ['-newkey', 'rsa:2048']],
    ['ECDSA on another curve', P384],
  ])('signs certificates with its %s', async (_what, options) => {
    const { certificate: pem, key } = bring(options);
    const brought = await broughtRoot(pem, key);
    const issued = await issueCertificate(brought, asked.request, identity);
    expect(rootOf(issued, [root.certificate, brought.certificate])).toBe(brought.certificate);
    expect(identityOf(issued)).toEqual(identity);
    const { CertIssuerPublicKey } = issuerInfo(brought.certificate);
    const spki = new X509Certificate(pem).publicKey.export({ type: 'spki', format: 'der' });
    expect(Buffer.from(CertIssuerPublicKey, 'base64')).toEqual(spki);
  });

  it('is refused with the reason', async () => {
    const good = bring(P384);
    const cases: [string, string, string][] = [
      [good.certificate, root.key, 'is not the one of the desired CA certificate'],
      [good.certificate + root.certificate, good.key, 'must be one certificate in PEM; there are 2'],
      ['hello', good.key, 'there are 0'],
      [good.certificate, 'hello', 'no private key in PEM'],
      [certificate, asked.key, 'is none of an authority'],
    ];
    for (const [pem, key, words] of cases) await expect(broughtRoot(pem, key)).rejects.toThrow(words);
    const short = bring(P384, ['-days', '300']);
    await expect(broughtRoot(short.certificate, short.key)).rejects.toThrow('expires too soon');
    const odd = bring(['-newkey', 'ed25519']);
    await expect(broughtRoot(odd.certificate, odd.key)).rejects.toThrow('of type ed25519; RSA and ECDSA');
  });

  it('is told apart from others in one file', () => {
    expect(certificatesIn(`${root.certificate}\n\n${other.certificate}\n`)).toEqual([
      root.certificate,
      other.certificate,
    ]);
    expect(rootOf(certificate, [other.certificate])).toBeUndefined();
  });
});

describe('a join token', () => {
  it('has the format of Docker, and trusts one root only', () => {
    const token = newJoinToken(root.certificate);
    expect(token).toMatch(/^SWMTKN-1-[0-9a-z]{50}-[0-9a-z]{25}$/);
    expect(rootByToken(token, root.certificate)?.trim()).toBe(root.certificate.trim());
    expect(rootByToken(token, other.certificate)).toBeUndefined();
    expect(newJoinToken(root.certificate)).not.toBe(token);
    expect(sameToken(token, token)).toBe(true);
    expect(sameToken(token, newJoinToken(root.certificate))).toBe(false);
  });

  it('trusts its root alone, not what somebody has put beside it', () => {
    const token = newJoinToken(root.certificate);
    expect(rootByToken(token, `${root.certificate}\n${other.certificate}`)).toBeUndefined();
    expect(rootByToken(token, `${other.certificate}\n${root.certificate}`)).toBeUndefined();
    // OpenSSL takes this for a certificate, too.
    const disguised = other.certificate.replaceAll(' CERTIFICATE', ' X509 CERTIFICATE');
    expect(rootByToken(token, `${root.certificate}\n${disguised}`)?.trim()).toBe(root.certificate.trim());
  });

  it.each(['', 'hello', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----'])('trusts no %j', (shown) => {
    expect(rootByToken(newJoinToken(root.certificate), shown)).toBeUndefined();
  });

  it.each(['', 'SWMTKN-1-abc-def', `SWMTKN-2-${'0'.repeat(50)}-${'0'.repeat(25)}`])('%j is none', (token) => {
    expect(() => checkJoinToken(token)).toThrow('invalid join token');
  });
});
