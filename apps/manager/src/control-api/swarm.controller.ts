import { Body, Controller, Get, HttpCode, Inject, Post, Query } from '@nestjs/common';
import type { Cluster } from '#lib/domain';
import { flag, integer } from '#lib/http';
import { newJoinToken } from '#lib/pki';
import type { ClusterStore } from '#lib/store';
import { clusterOf } from '../cluster/found.js';
import { STORE } from '../cluster/tokens.js';
import { withNextKeys } from '../keys/key-changes.js';
import { parseClusterSpec } from './cluster-spec.js';
import { mustBeCurrent } from './lookup.js';

/** GET /swarm and POST /swarm/update; init, join and leave are the agent's. */
@Controller('swarm')
export class SwarmController {
  constructor(@Inject(STORE) private readonly store: ClusterStore) {}

  @Get()
  inspect() {
    const cluster = clusterOf(this.store);
    return {
      ID: cluster.id,
      Version: { Index: this.store.get('cluster', cluster.id)!.version },
      CreatedAt: cluster.createdAt,
      UpdatedAt: cluster.updatedAt,
      Spec: cluster.spec,
      TLSInfo: { TrustRoot: cluster.rootCertificate },
      RootRotationInProgress: false,
      DataPathPort: cluster.dataPathPort,
      DefaultAddrPool: cluster.addressPools.map((pool) => pool.base),
      SubnetSize: cluster.addressPools[0]?.size,
      JoinTokens: { Worker: cluster.joinTokens.worker, Manager: cluster.joinTokens.manager },
    };
  }

  @Post('update')
  @HttpCode(200)
  async update(@Query() query: Record<string, string | undefined>, @Body() body: unknown): Promise<void> {
    const wanted = parseClusterSpec(body);
    await this.store.transact((view) => {
      const cluster = clusterOf(view);
      mustBeCurrent(view.get('cluster', cluster.id)!.version, integer('version', query['version']));
      const value: Cluster = {
        ...cluster,
        spec: wanted,
        updatedAt: new Date().toISOString(),
        joinTokens: {
          worker: flag(query['rotateWorkerToken']) ? newJoinToken(cluster.rootCertificate) : cluster.joinTokens.worker,
          manager: flag(query['rotateManagerToken'])
            ? newJoinToken(cluster.rootCertificate)
            : cluster.joinTokens.manager,
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
