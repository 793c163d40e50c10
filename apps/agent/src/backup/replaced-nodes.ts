import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { messageOf, SkepError } from '#lib/common';
import { RESTORED, SET_ASIDE } from '#lib/contracts';
import { isVirtual, LABELS, NodeNames, type Network, type ObservedContainer } from '#lib/domain';
import { driverFor } from '#lib/drivers';
import type { Engine } from '#lib/engine';
import type { Host } from '#lib/host';
import { openNodeStore } from '#lib/store';
import { NodeContext } from '../data-plane/node-context.js';
import { ENGINE, HOST, NODE, type Node } from '../node/tokens.js';
import { Sandbox } from '../sandbox/sandbox.js';
import { tablesIn, tracesOfOthers } from './traces.js';

/** What is shorter would be the beginning of names that are others'. */
const NODE_ID = /^[0-9a-f]{64}$/;

/**
 * A backup may be restored onto a machine where another node was: its links have the subnets that this one's are to have,
 * and nobody looks after its containers. Once, at the first start after a restore, what carries the id of a node that this
 * data root held before is taken away, but for volumes. What carries any other id may be a node's that runs: it is told of.
 */
@Injectable()
export class ReplacedNodes {
  private readonly log = new Logger('backup');

  constructor(
    @Inject(NODE) private readonly node: Node,
    @Inject(HOST) private readonly host: Host,
    @Inject(ENGINE) private readonly engine: Engine,
    private readonly context: NodeContext,
    private readonly sandbox: Sandbox,
  ) {}

  /** It never fails: what cannot be taken away is told of, and tried again at the next start. */
  async clear(): Promise<void> {
    const marker = join(this.node.config.dataRoot, RESTORED);
    try {
      if (existsSync(marker)) {
        for (const [id, networks] of await this.replaced()) await this.takeAway(new NodeNames(id), networks);
        await rm(marker);
      }
      for (const warning of tracesOfOthers(this.node.names, this.host)) this.log.warn(warning);
    } catch (error) {
      this.log.warn(`what another node has left here stays for now: ${messageOf(error)}`);
    }
  }

  /** Networks of the nodes that were here, by their ids: by the state that was set aside, and by the labels of containers. */
  private async replaced(): Promise<Map<string, Network[]>> {
    const found = new Map<string, Network[]>();
    const { dataRoot, engine } = this.node.config;
    for (const name of await readdir(dataRoot)) {
      const path = join(dataRoot, name, 'node.db');
      if (!name.startsWith(SET_ASIDE) || !existsSync(path)) continue;
      try {
        const store = await openNodeStore(path);
        found.set(store.ownerId, [...(found.get(store.ownerId) ?? []), ...store.list('network')]);
        await store.close();
      } catch (error) {
        this.log.warn(`which node was here before is not known from ${path}: ${messageOf(error)}`);
      }
    }
    // Podman's containers lie in the data root; a Docker Engine may have those of others.
    const labelled = engine === 'podman' ? await this.engine.list(LABELS.node) : [];
    for (const { nodeId = '' } of labelled) if (NODE_ID.test(nodeId) && !found.has(nodeId)) found.set(nodeId, []);
    found.delete(this.node.id);
    return found;
  }

  private async takeAway(names: NodeNames, networks: readonly Network[]): Promise<void> {
    this.log.log(`node ${names.nodeId.slice(0, 12)}, which was here before the restore, is taken down; volumes stay`);
    await this.removeContainers(names.nodeId);
    for (const netns of this.host.listNetns(names.netnsPrefix)) await this.host.removeNetns(netns);
    // Then they are this node's as well.
    if (names.short === this.node.names.short) return;
    for (const network of networks.filter((each) => !isVirtual(each))) {
      await driverFor(network.driver).removeNetwork(network, { host: this.host, dhcp: this.context.dhcp, names });
    }
    const links = this.host.links().filter(({ name }) => name.startsWith(names.linkPrefix));
    for (const { name } of links) await this.host.ip([['link', 'del', name]]);
    const tables = tablesIn(this.host.nftChains()).filter(({ name }) => name === names.nftTable);
    for (const { family, name } of tables) this.host.nft(`delete table ${family} ${name}\n`);
  }

  /** Again while some go: one whose namespaces another one shares stays as long as that is there. */
  private async removeContainers(nodeId: string): Promise<void> {
    let left = await this.engine.list(`${LABELS.node}=${nodeId}`);
    for (let before = Infinity; left.length > 0;) {
      const last = left.length === before;
      before = left.length;
      const kept: ObservedContainer[] = [];
      for (const each of left) {
        try {
          await this.engine.remove(each.engineId, { keepVolumes: true });
          if (each.id !== '') this.sandbox.removeFiles(each);
        } catch (error) {
          if (last || !SkepError.is(error, 'conflict')) throw error;
          kept.push(each);
        }
      }
      left = kept;
    }
  }
}
