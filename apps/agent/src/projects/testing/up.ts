import { newId } from '#lib/common';
import { loadProject } from '#lib/compose';
import { daemonConfig, type UpRequest } from '#lib/contracts';
import { NodeNames } from '#lib/domain';
import type { Change, Kind, Kinds, Store } from '#lib/store';
import type { Node } from '../../node/tokens.js';
import type { TransitionFacts } from '../transition-decision.js';
import { upTransition } from '../transition.js';

const id = 'cd'.repeat(32);
export const node: Node = { id, names: new NodeNames(id), config: daemonConfig({}) };

/** The rows that a store would hold after the changes. */
export class Rows implements Pick<Store, 'get' | 'list'> {
  private readonly rows = new Map<string, { kind: Kind; value: Kinds[Kind] }>();

  apply(changes: readonly Change[]): this {
    for (const change of changes) {
      if (change.op === 'delete') this.rows.delete(`${change.kind} ${change.id}`);
      else this.rows.set(`${change.kind} ${keyOf(change.value)}`, change);
    }
    return this;
  }

  get<K extends Kind>(kind: K, key: string) {
    const row = this.rows.get(`${kind} ${key}`);
    return row && { version: 1, value: row.value as Kinds[K] };
  }

  list<K extends Kind>(kind: K): readonly Kinds[K][] {
    return [...this.rows.values()].filter((row) => row.kind === kind).map((row) => row.value as Kinds[K]);
  }
}

function keyOf(value: Kinds[Kind]): string {
  if ('containerId' in value) return value.containerId;
  return 'id' in value ? value.id : value.name;
}

export async function up(
  yaml: string,
  rows: Rows,
  over: Partial<UpRequest> = {},
  facts: Partial<TransitionFacts> = {},
  profiles: readonly string[] = [],
) {
  const { project, disabledServices } = await loadProject({
    files: ['/app/compose.yaml'],
    cwd: '/app',
    env: {},
    profiles,
    reader: {
      readFile: async () => yaml,
      exists: async (path) => path === '/app/compose.yaml',
    },
  });
  const request: UpRequest = {
    model: project,
    disabledServices,
    workingDir: '/app',
    configFiles: ['/app/compose.yaml'],
    services: [],
    noDeps: false,
    scale: {},
    environment: {},
    dryRun: false,
    wait: false,
    forceRecreate: false,
    noRecreate: false,
    renewAnonVolumes: false,
    removeOrphans: false,
    ...over,
  };
  return upTransition(project, request, {
    view: rows,
    surroundings: {
      node,
      networks: rows.list('network'),
      links: [],
      routes: [],
      now: '2026-01-01T00:00:00.000Z',
    },
    listening: () => false,
    random: () => 0,
    quarantined: () => new Set(),
    idOf: () => newId(),
    volumes: new Set(),
    image: () => undefined,
    observed: () => undefined,
    seal: (content) => `sealed ${content}`,
    ...facts,
  });
}
