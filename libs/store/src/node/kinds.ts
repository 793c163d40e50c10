import type { Assignment, Container, ContainerStatus, Network, Project, Volume } from '#lib/domain';
import { nodeMigrations } from '#migrations/node';
import type { Schema } from '../schema.js';
import { AssignmentRow, ContainerRow, NetworkRow, ProjectRow, StatusRow, VolumeRow } from './entities.js';

/** Everything the node's database holds, by kind. */
export type Kinds = {
  network: Network;
  container: Container;
  status: ContainerStatus;
  volume: Volume;
  project: Project;
  assignment: Assignment;
};

export const nodeSchema: Schema<Kinds> = {
  kinds: {
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
    assignment: { entity: AssignmentRow, idOf: ({ kind, id }) => `${kind} ${id}`, columns: () => ({}) },
  },
  migrations: nodeMigrations,
  restore:
    'Put a backup of it back; or move the file away, together with the files of the same name that end in -wal and ' +
    '-shm, to start this node empty.',
};
