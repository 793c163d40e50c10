import { BlockList, isIP } from 'node:net';
import { invalid } from '#lib/common';
import type { ClusterNode } from '#lib/domain';

export interface Constraint {
  key: string;
  equal: boolean;
  value: string;
  /** what an address is asked for by; absent: it is no subnet and no address, or the key is another one */
  subnet?: BlockList;
}

const IP = 'node.ip';
const KEYS = ['node.id', 'node.hostname', IP, 'node.role', 'node.platform.os', 'node.platform.arch'];
const PREFIXES = ['node.labels.', 'engine.labels.'];
const parsed = new Map<string, Constraint>();

/** `node.role==manager`, `node.labels.zone != a`. Refused: another form, and keys that no node has. */
export function parseConstraint(text: string): Constraint {
  const known = parsed.get(text);
  if (known) return known;
  const [, key = '', operator, value = ''] = /^\s*([\w.\-/]+)\s*(==|!=)\s*(.*?)\s*$/.exec(text) ?? [];
  const lower = key.toLowerCase();
  if (operator === undefined || value === '') {
    throw invalid(`invalid constraint ${JSON.stringify(text)}: expected KEY==VALUE or KEY!=VALUE`);
  }
  if (!KEYS.includes(lower) && !PREFIXES.some((prefix) => lower.startsWith(prefix) && key.length > prefix.length)) {
    throw invalid(
      `invalid constraint ${JSON.stringify(text)}: unknown key ${key}; expected one of ${[...KEYS, ...PREFIXES.map((p) => `${p}NAME`)].join(', ')}`,
    );
  }
  const subnet = lower === IP ? subnetOf(value) : undefined;
  const constraint = { key, equal: operator === '==', value, ...(subnet && { subnet }) };
  parsed.set(text, constraint);
  return constraint;
}

/** Does the node meet all of them? */
export function meets(node: ClusterNode, constraints: readonly string[]): boolean {
  return constraints.every((text) => {
    const { key, equal, value, subnet } = parseConstraint(text);
    if (key.toLowerCase() === IP) return subnet !== undefined && holds(subnet, node.status.addr) === equal;
    return (valueOf(node, key).toLowerCase() === value.toLowerCase()) === equal;
  });
}

/** An address is the smallest of subnets, however it is written. */
function subnetOf(text: string): BlockList | undefined {
  const [, address = '', length] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const bits = { 0: 0, 4: 32, 6: 128 }[isIP(address)]!;
  const prefix = Number(length ?? bits);
  if (bits === 0 || prefix > bits) return undefined;
  const subnet = new BlockList();
  subnet.addSubnet(address, prefix, familyOf(address));
  return subnet;
}

function holds(subnet: BlockList, address: string): boolean {
  return isIP(address) !== 0 && subnet.check(address, familyOf(address));
}

const familyOf = (address: string) => (isIP(address) === 6 ? 'ipv6' : 'ipv4');

/** Empty where the node has no such thing. */
export function valueOf(node: ClusterNode, key: string): string {
  const { description, spec, status } = node;
  const label = PREFIXES.find((prefix) => key.toLowerCase().startsWith(prefix));
  if (label) {
    const name = key.slice(label.length);
    return (label === PREFIXES[0] ? spec.Labels : description?.engineLabels)?.[name] ?? '';
  }
  switch (key.toLowerCase()) {
    case 'node.id':
      return node.id;
    case 'node.hostname':
      return description?.hostname ?? '';
    case IP:
      return status.addr;
    case 'node.role':
      return spec.Role;
    case 'node.platform.os':
      return description?.os ?? '';
    default:
      return description?.architecture ?? '';
  }
}
