import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { conflict, forbidden, invalid, newClusterId, SkepError, waitFor } from '#lib/common';
import { isTerminal, stopGraceOf, type ClusterNetwork, type Task } from '#lib/domain';
import { flag } from '#lib/http';
import type { ClusterStore, ClusterView } from '#lib/store';
import { networksOf } from '../allocator/addresses.js';
import { placedNetwork } from '../allocator/subnets.js';
import { find } from '../cluster/lookup.js';
import { ingressNetwork, usesIngress } from '../ingress/ingress.js';
import { STORE } from '../cluster/tokens.js';
import { networkJson } from './network-json.js';
import { parseNetwork } from './network-spec.js';

/** How long tasks of a removed service may take to end, beside the time that they themselves are given. Milliseconds. */
const LEAVING = 30_000;

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

  /** It has its subnet and its VNI when it is written down; what cannot be had is refused. */
  @Post('create')
  @HttpCode(201)
  async create(@Body() body: unknown) {
    const { network: asked, warnings } = parseNetwork(body);
    const Id = await this.store.transact((view) => {
      const known = view.list('network');
      if (known.some((other) => other.name === asked.name)) {
        throw conflict(`network with name ${asked.name} already exists`);
      }
      const other = ingressNetwork(view);
      if (asked.ingress && other) {
        throw conflict(`rpc error: code = AlreadyExists desc = ingress network (${other.id}) is already present`);
      }
      const now = new Date().toISOString();
      const bare: ClusterNetwork = { ...asked, id: newClusterId(), createdAt: now, updatedAt: now, pools: [] };
      const value = placedNetwork(bare, known, view);
      return { changes: [{ op: 'put', kind: 'network', value, expect: 0 }], result: value.id };
    });
    return { Id, Warning: warnings.join('\n') };
  }

  /**
   * Refused while a service is on it. Tasks of a service that was just removed are waited for, so that a stack can be
   * removed in one go; not by a prune, which passes over what is in use.
   */
  @Delete(':name')
  @HttpCode(204)
  async remove(@Param('name') name: string, @Query('patient') patient = 'true'): Promise<void> {
    const given = tasksOn(findNetwork(name, this.store), this.store).map(timeGiven);
    const ms = flag(patient) ? LEAVING + Math.max(0, ...given) : 0;
    await waitFor(
      () =>
        this.store.transact((view) => {
          const network = findNetwork(name, view);
          const task = mustBeUnused(network, view);
          if (task) return { changes: [], result: false };
          return { changes: [{ op: 'delete', kind: 'network', id: network.id }], result: true };
        }),
      { ms, every: 100, what: `tasks on network ${name} to end` },
    ).catch((error: unknown) => {
      if (!SkepError.is(error, 'timeout')) throw error;
      throw inUse(findNetwork(name, this.store), 'a task that is shutting down');
    });
  }
}

function findNetwork(name: string, view: ClusterView): ClusterNetwork {
  return find(view, 'network', name, (network) => network.name).value;
}

/** Gives a task that is on its way out and still there, if any. */
function mustBeUnused(network: ClusterNetwork, view: ClusterView): Task | undefined {
  const publisher = network.ingress && view.list('service').find(({ spec }) => usesIngress(spec));
  if (publisher) {
    throw invalid(
      'rpc error: code = FailedPrecondition desc = ingress network cannot be removed because ' +
        `service ${publisher.id} depends on it`,
    );
  }
  const service = view.list('service').find(({ spec }) => networksOf(spec).some(({ Target }) => Target === network.id));
  if (service) throw inUse(network, `service ${service.id}`);
  const attached = view
    .list('attachment')
    .find((at) => at.networkId === network.id && at.releasedAt === undefined && isReady(at.nodeId, view));
  if (attached) {
    const { containerId, names, nodeId } = attached;
    const on = view.get('node', nodeId)?.value.description?.hostname ?? nodeId;
    throw inUse(network, `container ${names[0] ?? ''} (${containerId.slice(0, 12)}) on node ${on}`);
  }
  const left = tasksOn(network, view);
  const staying = left.find((task) => view.get('service', task.serviceId) !== undefined);
  if (staying) throw inUse(network, `task ${staying.id}`);
  // What a lost node runs is not waited for.
  return left.find((task) => isReady(task.nodeId ?? '', view));
}

function tasksOn(network: ClusterNetwork, view: Pick<ClusterView, 'list'>): Task[] {
  return view
    .list('task')
    .filter(
      ({ status, attachments }) => !isTerminal(status.state) && attachments.some((at) => at.networkId === network.id),
    );
}

/** What a task has for what was begun, and then to stop. Milliseconds. */
function timeGiven({ spec, traffic }: Task): number {
  return (traffic?.drainMs ?? 0) + stopGraceOf(spec.ContainerSpec);
}

function isReady(nodeId: string, view: ClusterView): boolean {
  return view.get('node', nodeId)?.value.status.state === 'ready';
}

function inUse({ id }: ClusterNetwork, by: string): SkepError {
  return forbidden(`rpc error: code = FailedPrecondition desc = network ${id} is in use by ${by}`);
}
