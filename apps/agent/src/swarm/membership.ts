import { EventEmitter } from 'node:events';
import { Inject, Injectable } from '@nestjs/common';
import { SkepError, unavailable } from '#lib/common';
import {
  createSwarmClient,
  fetchRoot,
  forgetMembership,
  readMembership,
  writeMembership,
  type Credentials,
  type Membership,
} from '#lib/contracts';
import { checkJoinToken, newCertificateRequest, tokenTrusts } from '#lib/pki';
import { NODE, type Node } from '../node/tokens.js';
import { readCredentials, writeCredentials, writeRoots } from './certificate-files.js';

/** What this node is in a cluster, as the files in its data root say. Whoever listens hears of every change. */
@Injectable()
export class SwarmMembership {
  private readonly changes = new EventEmitter();
  private known: Membership | undefined;

  constructor(@Inject(NODE) private readonly node: Node) {
    this.known = readMembership(this.root);
  }

  /** undefined: the node is in no cluster */
  get current(): Membership | undefined {
    return this.known;
  }

  onChange(listener: () => void): void {
    this.changes.on('change', listener);
  }

  /** Written down before anything follows from it, so that a start after a crash goes on from here. */
  enter(membership: Membership): void {
    if (this.known) {
      throw unavailable(
        'This node is already part of a swarm. Use "docker swarm leave" to leave this swarm and join another one.',
      );
    }
    writeMembership(this.root, membership);
    this.changed();
  }

  leave(): void {
    forgetMembership(this.root);
    this.changed();
  }

  credentials(): Credentials {
    return readCredentials(this.root);
  }

  /** The roots that the manager says are to be trusted, PEM; the first one is the cluster's. */
  trust(roots: readonly string[]): void {
    const text = roots.join('\n');
    if (text !== this.credentials().root) writeRoots(this.root, text);
  }

  /**
   * Gets this node its certificate: the root's is compared with the token before anything secret is sent.
   * @param managers tried in turn
   */
  async join(managers: readonly string[], token: string, availability: string): Promise<void> {
    checkJoinToken(token);
    let failure: unknown;
    for (const address of managers) {
      try {
        const root = await fetchRoot(address);
        if (!tokenTrusts(token, root)) {
          throw new SkepError(
            'unauthorized',
            `remote CA does not match fingerprint: the manager at ${address} is of another cluster than the join token`,
          );
        }
        return await this.joinAt(address, root, token, availability);
      } catch (error) {
        failure = error;
        if (!SkepError.is(error, 'unavailable') && !SkepError.is(error, 'timeout')) break;
      }
    }
    throw failure;
  }

  /** The next certificate, with a new key. The one before is refused by the manager once this one is used. */
  async renew(): Promise<void> {
    const own = this.credentials();
    const client = createSwarmClient(this.known!.managers[0]!, own.root, own);
    try {
      const { request, key } = await newCertificateRequest();
      const { certificate, root } = await client.renew(request);
      writeCredentials(this.root, { root, certificate, key });
    } finally {
      client.close();
    }
    this.changes.emit('change');
  }

  private async joinAt(address: string, root: string, token: string, availability: string): Promise<void> {
    const { request, key } = await newCertificateRequest();
    const client = createSwarmClient(address, root);
    try {
      const { nodeId, certificate, root: roots } = await client.issue({ request, token, availability });
      writeCredentials(this.root, { root: roots, certificate, key });
      writeMembership(this.root, { ...this.known!, nodeId });
    } finally {
      client.close();
    }
    this.changed();
  }

  /** The supervisor looks at the file, too: it says whether a manager is to run. */
  private changed(): void {
    this.known = readMembership(this.root);
    process.send?.('membership');
    this.changes.emit('change');
  }

  private get root(): string {
    return this.node.config.dataRoot;
  }
}
