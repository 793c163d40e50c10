import { Cursors } from '../rotation.js';
import { typeName } from '../wire/constants.js';
import { labelCount, nameKey, nameText, type NameKey } from '../wire/name.js';
import { soaRecord } from '../wire/records.js';
import type { Omission, Sandbox, Zone } from './model.js';
import { underAnotherName, type OwnedName, type RecordSet } from './owned-name.js';
import { buildZone, NODE_NAMES, type ZoneNames } from './zone-names.js';

/** What is to be done about a question, and why. */
export type Resolution = Owned | Refused | Forward;

/** The name is ours: `set`, or nothing when it has no record of that type. */
export interface Owned {
  kind: 'owned';
  rule: string;
  /** the network's name; empty for what belongs to no network */
  network: string;
  set?: RecordSet;
  soa: Uint8Array;
  omitted: readonly Omission[];
}

/** The name is nobody's here, and is not asked elsewhere either: NXDOMAIN. */
export interface Refused {
  kind: 'refused';
  rule: string;
  soa: Uint8Array;
}

export interface Forward {
  kind: 'forward';
  rule: string;
  /** those of networks and of the container, in the order in which they are asked; they are where the asker is */
  upstreams: string[];
  /** asked after these, from the node; both empty: the node's own */
  defaults: string[];
}

/** Everything the resolver was told, ready to answer. */
export class NameTable {
  readonly #zones = new Map<string, ZoneNames>();
  readonly #sandboxes = new Map<string, Sandbox>();
  readonly #cursors = new Cursors();
  #version = 0;

  setZone(zone: Zone): ZoneNames {
    const names = buildZone(zone, ++this.#version, this.#cursors);
    this.#zones.set(zone.networkId, names);
    return names;
  }

  removeZone(networkId: string): void {
    this.#zones.delete(networkId);
  }

  setSandbox(sandbox: Sandbox): void {
    this.#sandboxes.set(sandbox.id, sandbox);
  }

  removeSandbox(id: string): void {
    this.#sandboxes.delete(id);
  }

  /** Undefined when there is no such sandbox. */
  resolve(sandboxId: string, key: NameKey, type: number): Resolution | undefined {
    const sandbox = this.#sandboxes.get(sandboxId);
    if (!sandbox) return undefined;
    const zones = this.#zonesOf(sandbox);
    return this.#link(sandbox, zones, key, type) ?? owned(sandbox, zones, key, type) ?? notOurs(sandbox, zones, key);
  }

  /**
   * What this sandbox alone is answered, as it is now; it goes before the names of its networks: its links, of which one
   * that leads nowhere is a name without records, and shared names that others do not find it by, with itself.
   */
  privateNames(sandbox: Sandbox): { names: OwnedName[]; version: number; soa: Uint8Array } {
    const zones = this.#zonesOf(sandbox);
    const names = new Map<NameKey, OwnedName>();
    for (const zone of zones) {
      for (const key of zone.seenByItself.get(sandbox.id)?.keys() ?? []) {
        const found = find(sandbox, zones, key);
        if (found?.names === zone) names.set(key, found.name);
      }
    }
    for (const [link, target] of Object.entries(sandbox.links)) {
      const key = nameKey(link);
      const targetKey = nameKey(target);
      if (key === undefined) continue;
      const found = targetKey === undefined ? undefined : find(sandbox, zones, targetKey);
      const sets = [...(found?.name.sets ?? [])].map(
        ([type, set]) => [type, underAnotherName(set, this.#linkCursor(sandbox, key, type))] as const,
      );
      names.set(key, { key, rule: `link to ${target}`, omitted: [], addresses: true, sets: new Map(sets) });
    }
    return { names: [...names.values()], version: ++this.#version, soa: SOA };
  }

  /** Would `privateNames` give any? */
  hasPrivateNames(sandbox: Sandbox): boolean {
    return (
      Object.keys(sandbox.links).length > 0 || this.#zonesOf(sandbox).some((zone) => zone.seenByItself.has(sandbox.id))
    );
  }

  #zonesOf(sandbox: Sandbox): ZoneNames[] {
    return sandbox.attachments.map(({ networkId }) => this.#zones.get(networkId)).filter((zone) => zone !== undefined);
  }

  #link(sandbox: Sandbox, zones: readonly ZoneNames[], key: NameKey, type: number): Owned | undefined {
    const link = Object.entries(sandbox.links).find(([name]) => nameKey(name) === key);
    if (!link) return undefined;
    const rule = `link to ${link[1]}`;
    const target = nameKey(link[1]);
    const found = target === undefined ? undefined : owned(sandbox, zones, target, type);
    if (!found) return { ...EMPTY, rule, omitted: [{ what: link[1], why: 'on no network of this container' }] };
    const set = found.set && underAnotherName(found.set, this.#linkCursor(sandbox, key, type));
    return { ...found, rule, set };
  }

  #linkCursor(sandbox: Sandbox, key: NameKey, type: number): () => number {
    return () => this.#cursors.of(`${sandbox.id} ${type} ${key}`);
  }
}

/** Answers without a network of their own. Seconds. */
const OWN_TTL = 5;
const SOA = soaRecord(OWN_TTL);
const EMPTY: Owned = { kind: 'owned', rule: '', network: '', soa: SOA, omitted: [] };
const NODE_KEYS: ReadonlySet<NameKey> = new Set(NODE_NAMES.map((name) => nameKey(name)!));

/** The first network that has the name answers, whatever it has to say; answers are never mixed. */
function find(
  asker: Pick<Sandbox, 'id'>,
  zones: readonly ZoneNames[],
  key: NameKey,
): { names: ZoneNames; name: OwnedName } | undefined {
  for (const names of zones) {
    const name = names.seenByItself.get(asker.id)?.get(key)?.() ?? names.names.get(key);
    if (name) return { names, name };
  }
  return undefined;
}

function owned(asker: Pick<Sandbox, 'id'>, zones: readonly ZoneNames[], key: NameKey, type: number): Owned | undefined {
  const found = find(asker, zones, key);
  if (!found)
    return NODE_KEYS.has(key) ? { ...EMPTY, rule: 'the node, which has no address on these networks' } : undefined;
  const { names, name } = found;
  const set = name.sets.get(type);
  const elsewhere = zones
    .filter((other) => other !== names && other.names.has(key))
    .map((other) => ({
      what: `${nameText(key)} of ${other.zone.networkName}`,
      why: `${names.zone.networkName} goes first`,
    }));
  const types = [...name.sets.keys()].map(typeName);
  const rule = set || types.length === 0 ? name.rule : `${name.rule}; it has only ${types.join(' and ')}`;
  const omitted = [...name.omitted, ...elsewhere];
  return { kind: 'owned', rule, network: names.zone.networkName, set, soa: names.soa, omitted };
}

function notOurs(sandbox: Sandbox, zones: readonly ZoneNames[], key: NameKey): Refused | Forward {
  if (labelCount(key) === 1 && sandbox.ndots > 0) {
    return {
      kind: 'refused',
      rule: `nobody's name here; a single label is not forwarded (ndots ${sandbox.ndots})`,
      soa: SOA,
    };
  }
  const outward = zones.filter(({ zone }) => !zone.internal);
  if (outward.length === 0 && zones.length > 0) {
    return { kind: 'refused', rule: "nobody's name here; internal networks forward nothing", soa: SOA };
  }
  const upstreams = [...new Set([...outward.flatMap(({ zone }) => zone.upstreams), ...sandbox.upstreams])];
  const defaults = sandbox.defaultUpstreams.filter((server) => !upstreams.includes(server));
  return { kind: 'forward', rule: "nobody's name here; forwarded", upstreams, defaults };
}
