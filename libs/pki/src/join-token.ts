import { randomBytes, timingSafeEqual, X509Certificate } from 'node:crypto';
import { invalid } from '#lib/common';
import { digestOfCertificate } from './authority.js';
import { certificatesIn } from './root.js';

/** Digits of a SHA-256 digest and of a 128-bit secret in base 36. */
const DIGEST_DIGITS = 50;
const SECRET_DIGITS = 25;
const TOKEN = /^SWMTKN-1-([0-9a-z]{50})-([0-9a-z]{25})$/;

/** `SWMTKN-1-<digest of the root's certificate>-<secret>`, Docker's format. */
export function newJoinToken(rootCertificate: string): string {
  const secret = toBase36(BigInt(`0x${randomBytes(16).toString('hex')}`), SECRET_DIGITS);
  return `SWMTKN-1-${digestDigits(rootCertificate)}-${secret}`;
}

/** Refuses what is no join token, before anybody is asked. */
export function checkJoinToken(token: string): void {
  if (TOKEN.test(token)) return;
  throw invalid(
    'invalid join token: expected SWMTKN-1-<50 digits>-<25 digits>, as "docker swarm join-token" prints it',
  );
}

/**
 * The root that the token was made for, where that is what somebody showed who cannot be trusted yet; else undefined. It
 * has to be alone: whatever is shown beside it would be trusted with it.
 * @param shown PEM
 * @returns PEM of that certificate and nothing else
 */
export function rootByToken(token: string, shown: string): string | undefined {
  const [certificate, ...more] = certificatesIn(shown);
  if (certificate === undefined || more.length > 0) return undefined;
  const root = parsed(certificate)?.toString();
  return root !== undefined && TOKEN.exec(token)?.[1] === digestDigits(root) ? root : undefined;
}

/** Undefined: it is none. */
function parsed(certificate: string): X509Certificate | undefined {
  try {
    return new X509Certificate(certificate);
  } catch {
    return undefined;
  }
}

/** In constant time. */
export function sameToken(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

function digestDigits(certificate: string): string {
  return toBase36(BigInt(`0x${digestOfCertificate(certificate)}`), DIGEST_DIGITS);
}

function toBase36(value: bigint, digits: number): string {
  return value.toString(36).padStart(digits, '0');
}
