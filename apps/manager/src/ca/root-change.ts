import { digestOfCertificate } from '#lib/pki';
import { clusterOf } from '../cluster/found.js';
import type { Loop } from '../loops/loop.js';
import { arrived } from './roots.js';

/**
 * Ends the change of the root once every node uses a certificate of the next one. A node that is away keeps it open until it
 * has come back or was removed, as in Docker.
 */
export const rootChange: Loop = {
  name: 'root change',
  reads: ['cluster', 'node'],
  decide(view, now) {
    const cluster = clusterOf(view);
    if (!cluster.nextRoot) return { changes: [] };
    const next = digestOfCertificate(cluster.nextRoot.certificate);
    if (view.list('node').some(({ issuer }) => issuer !== next)) return { changes: [] };
    const value = { ...arrived(cluster), updatedAt: new Date(now).toISOString() };
    return { changes: [{ op: 'put', kind: 'cluster', value }] };
  },
};
