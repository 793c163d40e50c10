import { isDeepStrictEqual } from 'node:util';
import { ServerCredentials } from '@grpc/grpc-js';
import { Logger } from '@nestjs/common';
import { after, messageOf } from '#lib/common';
import { issueCertificate, newCertificateRequest, renewalTime } from '#lib/pki';
import type { ClusterStore } from '#lib/store';
import type { ClusterKey } from '../cluster/cluster-key.js';
import { clusterOf } from '../cluster/found.js';
import { certificateLife } from './certificate-authority.js';
import { ownRoot, trustedRoots } from './roots.js';

/** A certificate that could not be made is tried again then. Milliseconds. */
const RETRY = 5_000;

/**
 * TLS of a manager's server. A client's certificate is asked for and not insisted on: a joining node has none. It is
 * verified for each call (`callerOf`).
 *
 * The manager's own certificate is made at each start and kept in memory only; another one follows before it expires,
 * and when the roots of the cluster are others. Connections that are there go on with the one that they began with.
 */
export class ManagerCredentials extends ServerCredentials {
  private readonly log = new Logger('ca');
  private readonly stopListening: () => void;
  private roots: string[] = [];
  private callOff: (() => void) | undefined;
  private making: Promise<void> = Promise.resolve();

  private constructor(
    private readonly store: ClusterStore,
    private readonly key: ClusterKey,
  ) {
    super({ requestCert: true, rejectUnauthorized: false, minVersion: 'TLSv1.2' });
    this.stopListening = store.feed(({ changes }) => {
      const touched = changes.some(({ kind }) => kind === 'cluster');
      if (touched && !isDeepStrictEqual(trustedRoots(clusterOf(store)), this.roots)) this.renew();
    });
  }

  /** With a certificate: a server may be made of it. */
  static async open(store: ClusterStore, key: ClusterKey): Promise<ManagerCredentials> {
    const made = new ManagerCredentials(store, key);
    await made.make();
    return made;
  }

  close(): void {
    this.callOff?.();
    this.stopListening();
  }

  override _isSecure(): boolean {
    return true;
  }

  override _equals(other: ServerCredentials): boolean {
    return other === this;
  }

  private renew(): void {
    this.making = this.making
      .then(() => this.make())
      .catch((error: unknown) => {
        this.log.error(`the manager could not make itself a certificate: ${messageOf(error)}`);
        this.renewIn(RETRY);
      });
  }

  private async make(): Promise<void> {
    const cluster = clusterOf(this.store);
    const roots = trustedRoots(cluster);
    const { request, key } = await newCertificateRequest();
    const identity = { clusterId: cluster.id, nodeId: 'manager', role: 'manager' } as const;
    const certificate = await issueCertificate(ownRoot(cluster, this.key), request, identity, certificateLife(cluster));
    this.updateSecureContextOptions({
      ca: roots.map((root) => Buffer.from(root)),
      cert: [Buffer.from(certificate)],
      key: [Buffer.from(key)],
    });
    this.roots = roots;
    this.renewIn(renewalTime(certificate, 0) - Date.now());
  }

  private renewIn(ms: number): void {
    this.callOff?.();
    this.callOff = after(ms, () => this.renew());
  }
}
