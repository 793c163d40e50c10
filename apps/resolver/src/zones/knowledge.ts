import type { Changes, Sandbox, Zone } from '#lib/contracts';

/** What a message changed. */
export interface Changed {
  zones: Zone[];
  removedZones: string[];
  sandboxes: Sandbox[];
  removedSandboxes: string[];
}

/** What the agent has told, as one message could tell it again. */
export class Knowledge {
  readonly zones = new Map<string, Zone>();
  readonly sandboxes = new Map<string, Sandbox>();

  merge(changes: Changes): Changed {
    const { zones, sandboxes } = changes;
    const removed = (known: Iterable<string>, named: readonly string[], kept: readonly string[]) =>
      [...known].filter((id) => (changes.full ? !kept.includes(id) : named.includes(id) && !kept.includes(id)));
    const removedZones = removed(this.zones.keys(), changes.removedZones, zones.map(zoneId));
    const removedSandboxes = removed(this.sandboxes.keys(), changes.removedSandboxes, sandboxes.map(sandboxId));
    for (const id of removedZones) this.zones.delete(id);
    for (const id of removedSandboxes) this.sandboxes.delete(id);
    for (const zone of zones) this.zones.set(zone.networkId, zone);
    for (const sandbox of sandboxes) this.sandboxes.set(sandbox.id, sandbox);
    return { zones, removedZones, sandboxes, removedSandboxes };
  }

  all(): Changes {
    return {
      full: true,
      sandboxes: [...this.sandboxes.values()],
      removedSandboxes: [],
      zones: [...this.zones.values()],
      removedZones: [],
    };
  }
}

const zoneId = (zone: Zone): string => zone.networkId;
const sandboxId = (sandbox: Sandbox): string => sandbox.id;
