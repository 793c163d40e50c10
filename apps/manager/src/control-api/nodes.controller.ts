import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { z } from 'zod';
import { SkepError, unsupported } from '#lib/common';
import type { ClusterNode } from '#lib/domain';
import { Filters, flag, integer, labelFits, parseBody } from '#lib/http';
import type { ClusterStore, ClusterView } from '#lib/store';
import { clusterOf } from '../cluster/found.js';
import { find } from '../cluster/lookup.js';
import { STORE } from '../cluster/tokens.js';
import { nodeJson } from './node-json.js';
import { mustBeCurrent } from './versions.js';

const FILTERS = ['id', 'label', 'membership', 'name', 'node.label', 'role'];
const spec = z.looseObject({
  Name: z.string().nullish(),
  Role: z.enum(['manager', 'worker']),
  Availability: z.enum(['active', 'pause', 'drain']),
  Labels: z.record(z.string(), z.string()).nullish(),
});
const nameOf = (node: ClusterNode) => node.description?.hostname ?? '';

@Controller('nodes')
export class NodesController {
  constructor(@Inject(STORE) private readonly store: ClusterStore) {}

  @Get()
  list(@Query('filters') filters: string | undefined) {
    const asked = Filters.parse(filters, FILTERS);
    const cluster = clusterOf(this.store);
    return this.store
      .list('node')
      .filter((node) => asked.any('id', (id) => node.id.startsWith(id)))
      .filter((node) => asked.any('name', (name) => nameOf(node).startsWith(name)))
      .filter((node) => asked.any('role', (role) => node.spec.Role === role))
      .filter(() => asked.any('membership', (membership) => membership === 'accepted'))
      .filter((node) => asked.every('label', (label) => labelFits(node.description?.engineLabels ?? {}, label)))
      .filter((node) => asked.every('node.label', (label) => labelFits(node.spec.Labels ?? {}, label)))
      .map((node) => nodeJson(this.store.get('node', node.id)!, cluster));
  }

  @Get(':name')
  inspect(@Param('name') name: string) {
    return nodeJson(this.find(name, this.store), clusterOf(this.store));
  }

  @Post(':name/update')
  @HttpCode(200)
  async update(@Param('name') name: string, @Query('version') version: string | undefined, @Body() body: unknown) {
    const wanted = parseBody(spec, body);
    await this.store.transact((view) => {
      const { value: node, version: current } = this.find(name, view);
      mustBeCurrent(current, integer('version', version));
      if (wanted.Role !== node.spec.Role) {
        throw wanted.Role === 'manager'
          ? unsupported('this cluster has one manager, and several are not possible yet: a worker cannot be promoted')
          : new SkepError('conflict', 'attempting to demote the last manager of the swarm');
      }
      const value = {
        ...node,
        spec: { ...wanted, Labels: wanted.Labels ?? {} } as ClusterNode['spec'],
        updatedAt: new Date().toISOString(),
      };
      return { changes: [{ op: 'put', kind: 'node', value }], result: undefined };
    });
  }

  @Delete(':name')
  @HttpCode(200)
  async remove(@Param('name') name: string, @Query('force') force: string | undefined) {
    await this.store.transact((view) => {
      const { value: node } = this.find(name, view);
      const failed = 'rpc error: code = FailedPrecondition desc = ';
      if (node.spec.Role === 'manager') {
        throw new SkepError(
          'conflict',
          `${failed}node ${node.id} is a cluster manager and is a member of the cluster. It must be demoted to worker before removal`,
        );
      }
      if (node.status.state !== 'down' && !flag(force)) {
        throw new SkepError('conflict', `${failed}node ${node.id} is not down and can't be removed`);
      }
      return { changes: [{ op: 'delete', kind: 'node', id: node.id }], result: undefined };
    });
  }

  private find(name: string, view: ClusterView) {
    return find(view, 'node', name, nameOf);
  }
}
