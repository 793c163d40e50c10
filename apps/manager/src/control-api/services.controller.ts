import { Body, Controller, Delete, Get, Headers, HttpCode, Inject, Param, Post, Query, Res } from '@nestjs/common';
import type { Response } from 'express';
import { conflict, invalid, newClusterId, SkepError } from '#lib/common';
import type { Service, ServiceSpec } from '#lib/domain';
import { Filters, flag, integer, labelFits } from '#lib/http';
import type { ClusterStore, ClusterView } from '#lib/store';
import { allocatePorts } from '../allocator/ports.js';
import type { ClusterKey } from '../cluster/cluster-key.js';
import { find } from '../cluster/lookup.js';
import { KEY, STORE } from '../cluster/tokens.js';
import { usesIngress } from '../ingress/ingress.js';
import { LogReading, type LogQuery } from '../logs/log-reading.js';
import { isJob } from '../orchestrator/new-task.js';
import { makeEqualTasks } from '../orchestrator/task-digest.js';
import { isUnderWay } from '../updater/update-plan.js';
import { authAfter, sealedAuth } from './registry-auth.js';
import { serviceJson, serviceStatus } from './service-json.js';
import { parseServiceSpec, whatItUses } from './service-spec.js';
import { mustBeCurrent } from './versions.js';

const FILTERS = ['id', 'label', 'mode', 'name', 'runtime'];
const AUTH = 'x-registry-auth';
const nameOf = ({ spec }: Service) => spec.Name;

@Controller('services')
export class ServicesController {
  constructor(
    @Inject(STORE) private readonly store: ClusterStore,
    @Inject(KEY) private readonly key: ClusterKey,
    private readonly reading: LogReading,
  ) {}

  @Get()
  list(@Query('filters') filters: string | undefined, @Query('status') status: string | undefined) {
    const asked = Filters.parse(filters, FILTERS);
    return this.store
      .list('service')
      .filter((service) => asked.any('id', (id) => service.id.startsWith(id)))
      .filter((service) => asked.any('name', (name) => service.spec.Name.startsWith(name)))
      .filter((service) => asked.any('mode', (mode) => modeOf(service.spec) === mode))
      .filter((service) => asked.every('label', (label) => labelFits(service.spec.Labels ?? {}, label)))
      .map((service) => ({
        ...serviceJson(this.store.get('service', service.id)!, this.store),
        ...(flag(status) && { ServiceStatus: serviceStatus(service, this.store) }),
      }));
  }

  @Get(':name')
  inspect(@Param('name') name: string, @Query('insertDefaults') insertDefaults?: string) {
    return serviceJson(this.find(name, this.store), this.store, flag(insertDefaults));
  }

  @Get(':name/logs')
  async logs(@Param('name') name: string, @Query() query: LogQuery, @Res() response: Response): Promise<void> {
    const { id, spec } = this.find(name, this.store).value;
    const source = {
      tasks: () => this.store.list('task').filter(({ serviceId }) => serviceId === id),
      complete: () => this.store.get('service', id) === undefined,
      tty: spec.TaskTemplate.ContainerSpec?.TTY ?? false,
    };
    await this.reading.answer(source, query, response);
  }

  @Post('create')
  @HttpCode(201)
  async create(@Body() body: unknown, @Headers(AUTH) header: string | undefined) {
    const registryAuth = this.sealed(header);
    const ID = await this.store.transact((view) => {
      const spec = parseServiceSpec(body, view);
      if (view.list('service').some((other) => other.spec.Name === spec.Name)) {
        throw conflict(
          `rpc error: code = AlreadyExists desc = name conflicts with an existing object: service ${spec.Name} already exists`,
        );
      }
      const now = new Date().toISOString();
      const service: Service = {
        id: newClusterId(),
        createdAt: now,
        updatedAt: now,
        spec,
        ...(registryAuth !== undefined && { registryAuth }),
        specVersion: 1,
        virtualAddresses: {},
        ports: allocatePorts({ spec, ports: [] }, view.list('service')),
        ...(isJob({ spec }) && { jobIteration: 0, jobStartedAt: now }),
      };
      return { changes: [{ op: 'put', kind: 'service', value: service, expect: 0 }], result: service.id };
    });
    return { ID, Warnings: [] };
  }

  @Post(':name/update')
  @HttpCode(200)
  async update(
    @Param('name') name: string,
    @Query() query: Record<string, string | undefined>,
    @Headers(AUTH) header: string | undefined,
    @Body() body: unknown,
  ) {
    const given = header ? { auth: this.sealed(header) } : undefined;
    await this.store.transact((view) => {
      const { value: service, version } = this.find(name, view);
      mustBeCurrent(version, integer('version', query['version']));
      const rollback = query['rollback'] === 'previous';
      if (rollback && !service.previousSpec) {
        throw new SkepError(
          'invalid',
          `rpc error: code = FailedPrecondition desc = service ${service.spec.Name} does not have a previous spec`,
        );
      }
      if (rollback) whatItUses(service.previousSpec!, view);
      const spec = rollback ? service.previousSpec! : parseServiceSpec(body, view, service);
      if (spec.Name !== service.spec.Name) throw invalid('renaming services is not supported');
      if (modeOf(spec) !== modeOf(service.spec)) throw invalid('service mode change is not allowed');
      const from = rollback ? 'previous-spec' : query['registryAuthFrom'];
      const registryAuth = authAfter(service, from, given);
      const value = { ...changed(service, spec, rollback, view), registryAuth };
      return { changes: [{ op: 'put', kind: 'service', value }], result: undefined };
    });
    return { Warnings: [] };
  }

  @Delete(':name')
  @HttpCode(200)
  async remove(@Param('name') name: string) {
    await this.store.transact((view) => {
      const { value: service } = this.find(name, view);
      return { changes: [{ op: 'delete', kind: 'service', id: service.id }], result: undefined };
    });
  }

  private sealed(header: string | undefined): string | undefined {
    return sealedAuth(header, (text) => this.key.seal(text));
  }

  private find(name: string, view: ClusterView) {
    return find(view, 'service', name, nameOf);
  }
}

/** Tasks are replaced only where what they follow from has changed: a new number of replicas is no reason. */
function changed(service: Service, spec: ServiceSpec, rollback: boolean, view: ClusterView): Service {
  const now = new Date().toISOString();
  const gainsIngress = usesIngress(spec) && !usesIngress(service.spec);
  const dirty = gainsIngress || !makeEqualTasks(spec, service.spec);
  const job = isJob({ spec });
  const { updateStatus, ...rest } = service;
  return {
    ...rest,
    spec,
    previousSpec: service.spec,
    previousRegistryAuth: service.registryAuth,
    specVersion: service.specVersion + (dirty ? 1 : 0),
    ports: allocatePorts({ ...service, spec }, view.list('service')),
    updatedAt: now,
    // Whatever is changed of a job, it runs again: that is what an update of one is for.
    ...(job && { jobIteration: (service.jobIteration ?? 0) + 1, jobStartedAt: now }),
    // It goes on, and what it has done and seen fail still counts.
    ...(!dirty && isUnderWay(service) && { updateStatus }),
    ...(rollback &&
      !job && { updateStatus: { state: 'rollback_started', startedAt: now, message: 'rollback in progress' } }),
  };
}

function modeOf({ Mode: mode }: ServiceSpec): string {
  if (mode?.Global) return 'global';
  if (mode?.ReplicatedJob) return 'replicated-job';
  if (mode?.GlobalJob) return 'global-job';
  return 'replicated';
}
