import type { Network } from '#lib/domain';
import type { Desired } from '#lib/planner';
import type { Change, Kind, Kinds } from '#lib/store';

/** Desired state as it would be with these changes. */
export function withChanges(desired: Desired, changes: readonly Change[]): Desired {
  const merged = <K extends Kind>(kind: K, current: readonly Kinds[K][], idOf: (value: Kinds[K]) => string) => {
    const byId = new Map(current.map((value) => [idOf(value), value]));
    for (const change of changes) {
      if (change.kind !== kind) continue;
      if (change.op === 'delete') byId.delete(change.id);
      else byId.set(idOf(change.value as Kinds[K]), change.value as Kinds[K]);
    }
    return [...byId.values()];
  };
  const statuses = merged('status', [...desired.statuses.values()], (status) => status.containerId);
  return {
    ...desired,
    networks: merged('network', desired.networks, (network) => network.id),
    containers: merged('container', desired.containers, (container) => container.id),
    volumes: merged('volume', desired.volumes, (volume) => volume.name),
    statuses: new Map(statuses.map((status) => [status.containerId, status])),
  };
}

/** The networks that are made with these changes. */
export function networksMade(changes: readonly Change[]): Network[] {
  return changes.flatMap((change) =>
    change.op === 'put' && change.kind === 'network' && change.expect === 0 ? [change.value] : [],
  );
}
