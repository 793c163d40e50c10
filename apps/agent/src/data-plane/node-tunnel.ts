import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Inject, Injectable } from '@nestjs/common';
import { kept, messageOf } from '#lib/common';
import { swarmFolder, writeSwarmFile } from '#lib/contracts';
import type { NodeDescription, Tunnel } from '#lib/domain';
import { ensureTunnel, means, newPrivateKey, publicKeyOf } from '#lib/drivers';
import type { Host } from '#lib/host';
import { unseal } from '../node/seal.js';
import { HOST, NODE, type Node } from '../node/tokens.js';

const KEY_FILE = 'tunnel.key';
/** What a node has to make tunnels by is installed or loaded once. Milliseconds. */
const MEANS_MS = 30_000;

/**
 * This node's end of the tunnels of encrypted networks. Its key pair is made here when the node is of a cluster first, lies
 * beside that of its certificate (`swarm/tunnel.key`, 0600), and goes when the node leaves; only the public key is told.
 */
@Injectable()
export class NodeTunnel {
  /** why this node makes no tunnels; undefined: it does */
  private readonly obstacle = kept(MEANS_MS, () =>
    means(this.host, this.node.names.tunnel).then(
      () => undefined,
      (error: unknown) => messageOf(error),
    ),
  );

  constructor(
    @Inject(NODE) private readonly node: Node,
    @Inject(HOST) private readonly host: Host,
  ) {}

  /** What the manager is told, at the start of each session and when it is another. */
  async describe(): Promise<NonNullable<NodeDescription['encryption']>> {
    const { encryptedOverlayPort: port } = this.node.config;
    if (port === 0) return { refused: 'encrypted-overlay-port is 0' };
    const refused = await this.obstacle();
    if (refused !== undefined) return { refused };
    try {
      return { publicKey: publicKeyOf(this.privateKey()), port };
    } catch (error) {
      return { refused: messageOf(error) };
    }
  }

  async ensure(tunnel: Tunnel): Promise<void> {
    const { dataRoot, execRoot } = this.node.config;
    const peers = tunnel.peers.map((peer) => ({ ...peer, presharedKey: unseal(peer.presharedKey, dataRoot) }));
    const request = { tunnel: { ...tunnel, peers }, privateKey: this.privateKey(), execRoot };
    await ensureTunnel(request, { host: this.host, names: this.node.names });
  }

  private privateKey(): string {
    const { dataRoot } = this.node.config;
    try {
      return readFileSync(join(swarmFolder(dataRoot), KEY_FILE), 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      const key = newPrivateKey();
      writeSwarmFile(dataRoot, KEY_FILE, key);
      return key;
    }
  }
}
