import { X509Certificate } from 'node:crypto';
import { invalid } from '#lib/common';
import { LEEWAY } from './x509.js';

export type NodeRole = 'manager' | 'worker';

/** Who a certificate says that its holder is: the subject's CN, OU and O. */
export interface NodeIdentity {
  nodeId: string;
  role: NodeRole;
  clusterId: string;
}

const UNITS: Readonly<Record<NodeRole, string>> = { manager: 'swarm-manager', worker: 'swarm-worker' };

export function subjectOf({ nodeId, role, clusterId }: NodeIdentity): string {
  return `O=${clusterId}, OU=${UNITS[role]}, CN=${nodeId}`;
}

/** Reads the identity out of a certificate that was verified already (PEM or DER). */
export function identityOf(certificate: string | Buffer): NodeIdentity {
  const { subject } = new X509Certificate(certificate);
  const fields = new Map(subject.split('\n').map((line) => [line.split('=')[0]!, line.slice(line.indexOf('=') + 1)]));
  const role = (Object.keys(UNITS) as NodeRole[]).find((each) => UNITS[each] === fields.get('OU'));
  const nodeId = fields.get('CN');
  const clusterId = fields.get('O');
  if (!role || !nodeId || !clusterId) {
    throw invalid(
      `the certificate is of no node of a swarm: its subject is ${subject.replaceAll('\n', ', ')}, expected O=CLUSTER, OU=swarm-manager or swarm-worker, CN=NODE`,
    );
  }
  return { nodeId, role, clusterId };
}

/** Docker's shortest. Nanoseconds. */
const SHORTEST_LIFE = 3600 * 1e9;

/** How long certificates of nodes are to be valid, as somebody asks for it; 0 and absent: the default. Nanoseconds. */
export function checkCertificateLife(life: number | null | undefined): void {
  if (!life || life >= SHORTEST_LIFE) return;
  throw invalid('rpc error: code = InvalidArgument desc = minimum certificate expiry time is: 1h0m0s');
}

/** Milliseconds since the epoch. */
export function validityOf(certificate: string): { from: number; to: number } {
  const { validFrom, validTo } = new X509Certificate(certificate);
  return { from: Date.parse(validFrom), to: Date.parse(validTo) };
}

/**
 * When a certificate is to be renewed: at a random moment between half and four fifths of its life, so that the nodes of
 * a cluster do not all come at once. Its life begins when it was issued, which is later than it is valid from.
 * Milliseconds since the epoch.
 * @param random in [0, 1)
 */
export function renewalTime(certificate: string, random: number): number {
  const { from, to } = validityOf(certificate);
  const issued = from + LEEWAY;
  return issued + (to - issued) * (0.5 + 0.3 * random);
}
