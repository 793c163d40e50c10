import { timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { conflict, invalid, newClusterId, unsupported } from '#lib/common';
import type { ClusterConfig, ClusterSecret, Service } from '#lib/domain';
import { Filters, integer, labelFits, parseBody } from '#lib/http';
import type { ClusterChange, ClusterStore } from '#lib/store';
import type { ClusterKey } from '../cluster/cluster-key.js';
import { find, type Found } from '../cluster/lookup.js';
import { mustBeCurrent } from './versions.js';

type Kind = 'secret' | 'config';
type Sealed = ClusterSecret | ClusterConfig;

const FILTERS = ['id', 'label', 'name', 'names'];
/** Bytes. Docker's limits. */
const LIMIT: Record<Kind, number> = { secret: 500 * 1024, config: 1000 * 1024 };
const NAME = /^[a-zA-Z0-9]+(?:[a-zA-Z0-9-_.]*[a-zA-Z0-9])?$/;
const shape = z.looseObject({
  Name: z.string(),
  Labels: z
    .record(z.string(), z.string())
    .nullish()
    .transform((labels) => labels ?? {}),
  Data: z.string().default(''),
  Templating: z.unknown().optional(),
});

/** Secrets and configs: sealed in the database, and the same but for whether their data is ever shown. */
export class SealedObjects {
  constructor(
    private readonly kind: Kind,
    private readonly store: ClusterStore,
    private readonly key: Pick<ClusterKey, 'seal' | 'unseal'>,
    private readonly shows: boolean,
  ) {}

  list(filters: string | undefined) {
    const asked = Filters.parse(filters, FILTERS);
    return this.store
      .list(this.kind)
      .filter((each) => asked.any('id', (id) => each.id.startsWith(id)))
      .filter((each) => asked.any('name', (name) => each.spec.Name.startsWith(name)))
      .filter((each) => asked.any('names', (name) => each.spec.Name === name))
      .filter((each) => asked.every('label', (label) => labelFits(each.spec.Labels ?? {}, label)))
      .map((each) => this.json(this.store.get(this.kind, each.id)!));
  }

  inspect(name: string) {
    return this.json(this.find(name));
  }

  async create(body: unknown): Promise<{ ID: string }> {
    const spec = parseBody(shape, body);
    if (spec.Templating) {
      throw unsupported(
        `${this.kind} ${spec.Name}: Templating: template drivers are not there; a ${this.kind} without one is accepted, and tasks are given its data as it is`,
      );
    }
    if (spec.Name.length > 64 || !NAME.test(spec.Name)) {
      throw invalid(
        `invalid ${this.kind} name ${JSON.stringify(spec.Name)}: only 64 [a-zA-Z0-9-_.] characters allowed, and the start and end character must be [a-zA-Z0-9]`,
      );
    }
    const size = Buffer.from(spec.Data, 'base64').length;
    if (size === 0 || size > LIMIT[this.kind]) {
      throw invalid(`${this.kind} data must be larger than 0 and at most ${LIMIT[this.kind]} bytes, it has ${size}`);
    }
    const now = new Date().toISOString();
    const value = {
      id: newClusterId(),
      createdAt: now,
      updatedAt: now,
      spec: { ...spec, Data: this.key.seal(Buffer.from(spec.Data, 'base64')) },
    };
    await this.store.transact((view) => {
      if (view.list(this.kind).some((other) => other.spec.Name === spec.Name)) {
        throw conflict(`rpc error: code = AlreadyExists desc = ${this.kind} ${spec.Name} already exists`);
      }
      return { changes: [{ op: 'put', kind: this.kind, value } as ClusterChange], result: undefined };
    });
    return { ID: value.id };
  }

  /** Labels only: another content is another object. */
  async update(name: string, version: string | undefined, body: unknown): Promise<void> {
    const spec = parseBody(shape, body);
    await this.store.transact((view) => {
      const { value, version: current } = find(view, this.kind, name, nameOf);
      mustBeCurrent(current, integer('version', version));
      const same = spec.Data === '' || sameBytes(Buffer.from(spec.Data, 'base64'), this.key.unseal(value.spec.Data));
      if (spec.Name !== value.spec.Name || !same) throw invalid('only updates to Labels are allowed');
      const next = { ...value, updatedAt: new Date().toISOString(), spec: { ...value.spec, Labels: spec.Labels } };
      return { changes: [{ op: 'put', kind: this.kind, value: next } as ClusterChange], result: undefined };
    });
  }

  async remove(name: string): Promise<void> {
    await this.store.transact((view) => {
      const { value } = find(view, this.kind, name, nameOf);
      const users = view.list('service').filter((service) => this.uses(service, value.id));
      if (users.length > 0) {
        const names = users.map((service) => service.spec.Name).join(', ');
        throw invalid(
          `rpc error: code = InvalidArgument desc = ${this.kind} '${value.spec.Name}' is in use by the following service${users.length > 1 ? 's' : ''}: ${names}`,
        );
      }
      return { changes: [{ op: 'delete', kind: this.kind, id: value.id }], result: undefined };
    });
  }

  private uses({ spec }: Service, id: string): boolean {
    const container = spec.TaskTemplate.ContainerSpec;
    return this.kind === 'secret'
      ? (container?.Secrets ?? []).some((use) => use.SecretID === id)
      : (container?.Configs ?? []).some((use) => use.ConfigID === id);
  }

  private find(name: string): Found<Kind> {
    return find(this.store, this.kind, name, nameOf);
  }

  private json({ value, version }: Found<Kind>) {
    const { Data, ...spec } = value.spec;
    return {
      ID: value.id,
      Version: { Index: version },
      CreatedAt: value.createdAt,
      UpdatedAt: value.updatedAt,
      Spec: this.shows ? { ...spec, Data: this.key.unseal(Data).toString('base64') } : spec,
    };
  }
}

const nameOf = ({ spec }: Sealed) => spec.Name;

/** In constant time: whoever may update a secret may not see it. */
function sameBytes(one: Buffer, other: Buffer): boolean {
  return one.length === other.length && timingSafeEqual(one, other);
}
