import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post } from '@nestjs/common';
import { conflict, forbidden, newClusterId } from '#lib/common';
import { isTerminal, type ClusterNetwork } from '#lib/domain';
import type { ClusterStore, ClusterView } from '#lib/store';
import { networksOf } from '../allocator/addresses.js';
import { poolsOf } from '../allocator/subnets.js';
import { clusterOf } from '../cluster/found.js';
import { STORE } from '../cluster/tokens.js';
import { find } from './lookup.js';
import { networkJson } from './network-json.js';
import { parseNetwork } from './network-spec.js';

/** Networks of the swarm. The agent of this node asks here for what its own list does not have. */
@Controller('networks')
export class NetworksController {
  constructor(@Inject(STORE) private readonly store: ClusterStore) {}

  @Get()
  list() {
    return this.store.list('network').map(networkJson);
  }

  @Get(':name')
  inspect(@Param('name') name: string) {
    return networkJson(findNetwork(name, this.store));
  }

  /** What cannot be had is refused here; the allocator gives subnet and VNI right after. */
  @Post('create')
  @HttpCode(201)
  async create(@Body() body: unknown) {
    const asked = parseNetwork(body);
    const Id = await this.store.transact((view) => {
      const known = view.list('network');
      if (known.some((other) => other.name === asked.name)) {
        throw conflict(`network with name ${asked.name} already exists`);
      }
      const taken = known.flatMap(({ name, pools, asked: wished }) =>
        (pools.length > 0 ? pools : wished).flatMap(({ subnet }) =>
          subnet === undefined ? [] : [{ cidr: subnet, by: `network ${name}` }],
        ),
      );
      poolsOf(asked, clusterOf(view), taken);
      const now = new Date().toISOString();
      const value: ClusterNetwork = { ...asked, id: newClusterId(), createdAt: now, updatedAt: now, pools: [] };
      return { changes: [{ op: 'put', kind: 'network', value, expect: 0 }], result: value.id };
    });
    return { Id, Warning: '' };
  }

  /** Refused while a service, or a task that has not ended, is on it. */
  @Delete(':name')
  @HttpCode(204)
  async remove(@Param('name') name: string): Promise<void> {
    await this.store.transact((view) => {
      const network = findNetwork(name, view);
      mustBeUnused(network, view);
      return { changes: [{ op: 'delete', kind: 'network', id: network.id }], result: undefined };
    });
  }
}

function findNetwork(name: string, view: ClusterView): ClusterNetwork {
  return find(view, 'network', name, (network) => network.name).value;
}

function mustBeUnused({ id }: ClusterNetwork, view: ClusterView): void {
  const refuse = (by: string) => {
    throw forbidden(`rpc error: code = FailedPrecondition desc = network ${id} is in use by ${by}`);
  };
  const service = view.list('service').find(({ spec }) => networksOf(spec).some(({ Target }) => Target === id));
  if (service) refuse(`service ${service.id}`);
  const task = view
    .list('task')
    .find(({ status, attachments }) => !isTerminal(status.state) && attachments.some((at) => at.networkId === id));
  if (task) refuse(`task ${task.id}`);
}
