import { EventEmitter } from 'node:events';
import { Inject, Injectable } from '@nestjs/common';
import { conflict, SkepError, unavailable } from '#lib/common';
import {
  createSwarmClient,
  fetchRoot,
  forgetMembership,
  readMembership,
  writeMembership,
  type Credentials,
  type Membership,
} from '#lib/contracts';
import { checkJoinToken, newCertificateRequest, rootByToken } from '#lib/pki';
import { NODE, type Node } from '../node/tokens.js';
import { readCredentials, writeCredentials, writeRoots } from './certificate-files.js';

const OUTSIDE = 'This node is not part of a swarm';

/** What this node is in a cluster, as the files in its data root say. Whoever listens hears of every change. */
@Injectable()
export class SwarmMembership {
  private readonly changes = new EventEmitter();
  private known: Membership | undefined;
  private stay = new AbortController();

  constructor(@Inject(NODE) private readonly node: Node) {
    this.known = readMembership(this.root);
    if (!this.known) this.stay.abort(unavailable(OUTSIDE));
  }

  /** undefined: the node is in no cluster */
  get current(): Membership | undefined {
    return this.known;
  }

  /**
   * Fires when the node leaves what it is in now, or about to be in. Whoever waits for something takes it before, and looks
   * at it after: by then the node may be in another cluster. Its reason is the error to throw.
   */
  get left(): AbortSignal {
    return this.stay.signal;
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
    this.stay = new AbortController();
    this.changed();
  }

  /** @param left of the cluster that is meant: another one, which the node is in by now, stays */
  leave(left: AbortSignal): void {
    if (left.aborted) return;
    forgetMembership(this.root);
    this.stay.abort(conflict('This node has left the swarm meanwhile'));
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
   * @param left of the cluster that is joined
   * @param managers tried in turn
   * @returns the node's id
   * @throws {SkepError} `conflict`: the node left meanwhile
   */
  async join(left: AbortSignal, managers: readonly string[], token: string, availability: string): Promise<string> {
    checkJoinToken(token);
    let failure: unknown;
    for (const address of managers) {
      try {
        const root = rootByToken(token, await fetchRoot(address));
        this.within(left);
        if (root === undefined) {
          throw new SkepError(
            'unauthorized',
            `remote CA does not match fingerprint: the manager at ${address} is of another cluster than the join token`,
          );
        }
        return await this.joinAt(left, address, root, token, availability);
      } catch (error) {
        failure = error;
        if (!SkepError.is(error, 'unavailable') && !SkepError.is(error, 'timeout')) break;
      }
    }
    throw failure;
  }

  /** The next certificate, with a new key. The one before is refused by the manager once this one is used. */
  async renew(): Promise<void> {
    const { left } = this;
    const own = this.credentials();
    const client = createSwarmClient(this.within(left).managers[0]!, own.root, own);
    try {
      const { request, key } = await newCertificateRequest();
      const { certificate, root } = await client.renew(request);
      this.within(left);
      writeCredentials(this.root, { root, certificate, key });
    } finally {
      client.close();
    }
    this.changes.emit('change');
  }

  private async joinAt(left: AbortSignal, address: string, root: string, token: string, availability: string) {
    const { request, key } = await newCertificateRequest();
    const client = createSwarmClient(address, root);
    try {
      const { nodeId, certificate, root: roots } = await client.issue({ request, token, availability });
      const entered = this.within(left);
      writeCredentials(this.root, { root: roots, certificate, key });
      writeMembership(this.root, { ...entered, nodeId });
      this.changed();
      return nodeId;
    } finally {
      client.close();
    }
  }

  /** What the node is in, if that is still what `left` is of. */
  private within(left: AbortSignal): Membership {
    left.throwIfAborted();
    if (!this.known) throw unavailable(OUTSIDE);
    return this.known;
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
