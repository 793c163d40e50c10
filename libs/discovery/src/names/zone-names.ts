import type { Cursors } from '../rotation.js';
import { addressBytes, addressOrder, reverseName } from '../wire/address.js';
import { TYPE } from '../wire/constants.js';
import { nameKey, type NameKey } from '../wire/name.js';
import { addressRecord, ptrRecord, soaRecord, srvRecord } from '../wire/records.js';
import { claims, type Claim } from './claims.js';
import type { Member, Omission, Zone } from './model.js';
import { recordSet, underAnotherName, type Ordered, type OwnedName, type RecordSet } from './owned-name.js';

/** A network's names and everything that is needed to answer them; made anew whenever its zone changes. */
export interface ZoneNames {
  zone: Zone;
  version: number;
  names: ReadonlyMap<NameKey, OwnedName>;
  /** by container that is left out of names that it shares: those names as it is answered, with itself among the others */
  seenByItself: ReadonlyMap<string, ReadonlyMap<NameKey, () => OwnedName>>;
  /** for answers without records */
  soa: Uint8Array;
}

/** @param version grows with every zone that is built */
export function buildZone(zone: Zone, version: number, cursors: Cursors): ZoneNames {
  const names = new Map<NameKey, OwnedName>();
  const addresses = new Map(zone.members.map((member) => [member, addressesOf(member, zone.ttl)]));
  const seenByItself = new Map<string, Map<NameKey, () => OwnedName>>();
  const cursorFor = (key: NameKey, type: number) => () => cursors.of(`${zone.networkId} ${type} ${key}`);

  const put = (name: OwnedName, hidden: Claim['hidden']) => {
    names.set(name.key, name);
    for (const { member, omission } of hidden) {
      const seen = seenByItself.get(member.containerId) ?? new Map<NameKey, () => OwnedName>();
      seenByItself.set(member.containerId, seen);
      seen.set(name.key, () =>
        withItself(name, omission, addresses.get(member)!, (type, items) =>
          recordSet(items, version, cursorFor(name.key, type)),
        ),
      );
    }
  };
  const add = (text: string, rule: string, claim: Claim, addressed: boolean, sets: (key: NameKey) => RecordSets) => {
    const { omitted } = claim;
    const hidden = addressed ? claim.hidden : [];
    const key = nameKey(text);
    if (key === undefined || names.has(key)) return;
    const own = sets(key);
    put({ key, rule, omitted, addresses: addressed, sets: own }, hidden);
    const qualified = nameKey(`${text}.${zone.networkName}`);
    if (qualified === undefined || names.has(qualified)) return;
    const again = [...own].map(([type, set]) => [type, underAnotherName(set, cursorFor(qualified, type))] as const);
    const ruleToo = `${rule}, with its network`;
    put({ key: qualified, rule: ruleToo, omitted, addresses: addressed, sets: new Map(again) }, hidden);
  };

  for (const claim of claims(zone.members)) {
    const found = claim.members.flatMap((member) => addresses.get(member)!);
    add(claim.name, claim.rule, claim, true, (key) => {
      const sets = new Map<number, RecordSet>();
      for (const type of [TYPE.A, TYPE.AAAA]) {
        const items = found.filter((item) => item.type === type);
        if (items.length > 0) sets.set(type, recordSet(items, version, cursorFor(key, type)));
      }
      return sets;
    });
    for (const [prefix, ports] of claim.service ? portsOf(claim.servers) : []) {
      add(`${prefix}.${claim.name}`, `port of ${claim.rule}`, claim, false, (key) => {
        const targets = ports.map(({ member, port }) => serverOf(member, port, zone));
        const set = recordSet(targets, version, cursorFor(key, TYPE.SRV), targets.flatMap(additionalOf));
        return new Map([[TYPE.SRV, set]]);
      });
    }
  }
  addReverse(zone, version, names);
  addNode(zone, version, names);
  return { zone, version, names, seenByItself, soa: soaRecord(zone.ttl) };
}

/** @param omission why others do not find the asker there */
function withItself(
  name: OwnedName,
  omission: Omission,
  own: readonly Address[],
  setOf: (type: number, items: readonly Ordered[]) => RecordSet,
): OwnedName {
  const sets = new Map(name.sets);
  for (const type of new Set(own.map((address) => address.type))) {
    const known = sets.get(type);
    const others = (known?.records ?? []).map((record, index) => ({ record, order: known!.order(index) }));
    sets.set(type, setOf(type, [...others, ...own.filter((address) => address.type === type)]));
  }
  return {
    ...name,
    rule: `${name.rule}; the asker finds itself, others do not (${omission.why})`,
    omitted: name.omitted.filter((each) => each !== omission),
    sets,
  };
}

type RecordSets = ReadonlyMap<number, RecordSet>;

interface Address extends Ordered {
  type: number;
}

function addressesOf(member: Member, ttl: number): Address[] {
  return member.addresses.flatMap((text) => {
    const bytes = addressBytes(text);
    if (!bytes) return [];
    const type = bytes.length === 4 ? TYPE.A : TYPE.AAAA;
    return [{ type, order: addressOrder(bytes), record: addressRecord(bytes, ttl) }];
  });
}

/** `_80._tcp` → the members that have the port. */
function portsOf(members: readonly Member[]): Map<string, { member: Member; port: number }[]> {
  const ports = new Map<string, { member: Member; port: number }[]>();
  for (const member of members) {
    for (const { protocol, port } of member.ports) {
      const prefix = `_${port}._${protocol}`;
      ports.set(prefix, [...(ports.get(prefix) ?? []), { member, port }]);
    }
  }
  return ports;
}

interface Server extends Ordered {
  additional: Uint8Array[];
}

const additionalOf = (server: Server): Uint8Array[] => server.additional;

/** The container's qualified name as the target, its addresses beside it so that the client need not ask again. */
function serverOf(member: Member, port: number, zone: Zone): Server {
  const target = nameKey(`${member.containerName}.${zone.networkName}`) ?? '\0';
  const addresses = member.addresses.map(addressBytes).filter((bytes) => bytes !== undefined);
  return {
    record: srvRecord(port, target, zone.ttl),
    order: addresses[0] ? addressOrder(addresses[0]) : 0,
    additional: addresses.map((bytes) => addressRecord(bytes, zone.ttl, target)),
  };
}

/** Address → `<container>.<network>`. */
function addReverse(zone: Zone, version: number, names: Map<NameKey, OwnedName>): void {
  for (const member of zone.members) {
    const target = nameKey(`${member.containerName}.${zone.networkName}`);
    for (const text of member.addresses) {
      const bytes = addressBytes(text);
      if (!bytes || target === undefined) continue;
      const key = reverseName(bytes);
      const set = recordSet([{ record: ptrRecord(target, zone.ttl), order: 0 }], version, () => 0);
      const sets = new Map([[TYPE.PTR as number, set]]);
      names.set(key, {
        key,
        rule: member.virtual ? 'virtual address of a service' : 'address of a container',
        omitted: [],
        addresses: false,
        sets,
      });
    }
  }
}

/** Docker's names for the machine that the container runs on. */
export const NODE_NAMES = ['host.docker.internal', 'gateway.docker.internal'] as const;

function addNode(zone: Zone, version: number, names: Map<NameKey, OwnedName>): void {
  const bytes = addressBytes(zone.gateway);
  if (!bytes) return;
  for (const name of NODE_NAMES) {
    const key = nameKey(name)!;
    const set = recordSet([{ record: addressRecord(bytes, zone.ttl), order: 0 }], version, () => 0);
    const type = bytes.length === 4 ? TYPE.A : TYPE.AAAA;
    names.set(key, { key, rule: 'the node', omitted: [], addresses: true, sets: new Map([[type, set]]) });
  }
}
