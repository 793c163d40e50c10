import { Body, Controller, Get, HttpCode, Inject, Post, Query } from '@nestjs/common';
import type { Cluster } from '#lib/domain';
import { flag, integer } from '#lib/http';
import { newJoinToken } from '#lib/pki';
import type { ClusterStore } from '#lib/store';
import { towards } from '../ca/roots.js';
import type { ClusterKey } from '../cluster/cluster-key.js';
import { clusterOf } from '../cluster/found.js';
import { KEY, STORE } from '../cluster/tokens.js';
import { withNextKeys } from '../tunnels/key-changes.js';
import { nextRoot, parseClusterSpec } from './cluster-spec.js';
import { swarmJson } from './swarm-json.js';
import { mustBeCurrent } from './versions.js';

/** GET /swarm and POST /swarm/update; init, join and leave are the agent's. */
@Controller('swarm')
export class SwarmController {
  constructor(
    @Inject(STORE) private readonly store: ClusterStore,
    @Inject(KEY) private readonly key: ClusterKey,
  ) {}

  @Get()
  inspect() {
    const cluster = clusterOf(this.store);
    return swarmJson(cluster, this.store.get('cluster', cluster.id)!.version);
  }

  @Post('update')
  @HttpCode(200)
  async update(@Query() query: Record<string, string | undefined>, @Body() body: unknown): Promise<void> {
    const wanted = parseClusterSpec(body);
    // Keys take their time: made of what the cluster is now, and of use only if it is still that.
    const root = await nextRoot(clusterOf(this.store), wanted);
    await this.store.transact((view) => {
      const cluster = clusterOf(view);
      mustBeCurrent(view.get('cluster', cluster.id)!.version, integer('version', query['version']));
      const rotated = (role: 'worker' | 'manager', wish: string | undefined) =>
        flag(wish) ? newJoinToken(cluster.rootCertificate) : cluster.joinTokens[role];
      const value: Cluster = {
        ...(root ? towards(cluster, root, this.key) : cluster),
        spec: wanted.spec,
        updatedAt: new Date().toISOString(),
        joinTokens: {
          worker: rotated('worker', query['rotateWorkerToken']),
          manager: rotated('manager', query['rotateManagerToken']),
        },
      };
      return { changes: [{ op: 'put', kind: 'cluster', value }], result: undefined };
    });
  }

  /** Ours alone: the nodes of encrypted networks get other keys now. */
  @Post('keys')
  @HttpCode(200)
  async rotateKeys(): Promise<void> {
    await this.store.transact((view) => ({
      changes: [{ op: 'put', kind: 'cluster', value: withNextKeys(clusterOf(view), Date.now()) }],
      result: undefined,
    }));
  }
}
