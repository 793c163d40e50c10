import type { EntityTarget } from 'typeorm';
import type { Kind, Kinds } from './changes.js';
import { ContainerRow, NetworkRow, type ObjectRow, ProjectRow, StatusRow, VolumeRow } from './entities.js';

/** How one kind of object is kept. */
interface Mapping<K extends Kind> {
  entity: EntityTarget<ObjectRow>;
  idOf(value: Kinds[K]): string;
  /** columns beside id, version and value */
  columns(value: Kinds[K]): Record<string, string | null>;
}

const mappings: { [K in Kind]: Mapping<K> } = {
  network: {
    entity: NetworkRow,
    idOf: (network) => network.id,
    columns: ({ name, target }) => ({ name, target }),
  },
  container: {
    entity: ContainerRow,
    idOf: (container) => container.id,
    columns: ({ name, target, project }) => ({ name, target, project: project ?? null }),
  },
  status: { entity: StatusRow, idOf: (status) => status.containerId, columns: () => ({}) },
  volume: {
    entity: VolumeRow,
    idOf: (volume) => volume.name,
    columns: ({ project }) => ({ project: project ?? null }),
  },
  project: { entity: ProjectRow, idOf: (project) => project.name, columns: () => ({}) },
};

export const KINDS = Object.keys(mappings) as Kind[];

export function entityOf(kind: Kind): EntityTarget<ObjectRow> {
  return mappings[kind].entity;
}

export function idOf<K extends Kind>(kind: K, value: Kinds[K]): string {
  return mappings[kind].idOf(value);
}

export function toRow<K extends Kind>(kind: K, version: number, value: Kinds[K]): ObjectRow {
  const { idOf: id, columns } = mappings[kind];
  return { id: id(value), version, value: JSON.stringify(value), ...columns(value) };
}
