import { nameKey, type NameKey } from '../wire/name.js';
import type { Member, Omission } from './model.js';

/** A name, who is answered for it, and who has it too and is left out. */
export interface Claim {
  name: string;
  rule: string;
  /** its ports can be looked up */
  service: boolean;
  /** whose addresses are answered */
  members: Member[];
  /** whose ports can be looked up */
  servers: Member[];
  omitted: Omission[];
  /** of those left out, who finds itself all the same */
  hidden: { member: Member; omission: Omission }[];
}

/**
 * Every name that the members of one network have. A name that several of them have, in whatever way, leads to all of
 * them. Where a member has a name both for itself and shared, the shared name's rule holds for it: an unhealthy
 * replica does not stay in a service's answers because its hostname is the service's name. Where a service has a virtual
 * address, the names that it shares with its replicas lead to that, and their ports still to the replicas.
 */
export function claims(members: readonly Member[]): Claim[] {
  const found = new Map<NameKey, Claim>();
  const behind = virtualNames(members);
  const claim = (name: string, rule: string, member: Member, why: string, address = true) => {
    const key = nameKey(name);
    if (key === undefined) return;
    let entry = found.get(key);
    if (!entry)
      found.set(key, (entry = { name, rule, service: false, members: [], servers: [], omitted: [], hidden: [] }));
    if (isService(member, key)) Object.assign(entry, { rule, service: true });
    else if (member.virtual) entry.rule = rule;
    if (why !== '') {
      const omission = { what: member.containerName, why };
      entry.omitted.push(omission);
      if (address && !member.stopped) entry.hidden.push({ member, omission });
      return;
    }
    if (address) entry.members.push(member);
    if (!member.virtual) entry.servers.push(member);
  };

  for (const member of members.toSorted((a, b) => Number(a.virtual) - Number(b.virtual))) {
    const taken = new Set<NameKey | undefined>();
    const stopped = member.stopped ? member.withheld || 'stopped' : '';
    for (const name of member.sharedNames) {
      if (!once(taken, name)) continue;
      claim(
        name,
        sharedRule(member, name),
        member,
        member.withheld || stopped,
        member.virtual || !behind.get(member.service)?.has(nameKey(name)),
      );
    }
    for (const name of member.names) {
      if (once(taken, name)) claim(name, ownRule(member, name), member, stopped);
    }
  }
  // After all others: a container or an alias may have such a name for itself.
  for (const member of members) {
    if (member.service === '' || member.virtual) continue;
    const stopped = member.stopped ? member.withheld || 'stopped' : '';
    for (const name of new Set([member.service, ...member.sharedNames])) {
      claim(`tasks.${name}`, 'every replica of a service', member, stopped);
    }
  }
  return [...found.values()];
}

/** By service: the names that lead to its virtual address. */
function virtualNames(members: readonly Member[]): Map<string, Set<NameKey | undefined>> {
  const virtual = members.filter((member) => member.virtual);
  return new Map(virtual.map((member) => [member.service, new Set(member.sharedNames.map(nameKey))]));
}

function once(taken: Set<NameKey | undefined>, name: string): boolean {
  const key = nameKey(name);
  return !taken.has(key) && taken.add(key).size > 0;
}

const isService = (member: Member, key: NameKey | undefined): boolean =>
  member.service !== '' && key === nameKey(member.service);

function sharedRule(member: Member, name: string): string {
  const rule = isService(member, nameKey(name)) ? 'service name' : 'network alias';
  return member.virtual ? `${rule}, by the service's virtual address` : rule;
}

function ownRule(member: Member, name: string): string {
  if (name.toLowerCase() === member.containerName.toLowerCase()) return 'container name';
  return member.containerId.startsWith(name.toLowerCase()) ? 'short id' : 'hostname';
}
