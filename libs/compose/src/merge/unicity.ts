import { mark, originIn } from '../origins.js';
import { dictAt, dictsIn, isDict, isScalar, type Dict, type Value } from '../values.js';

type Key = (item: Value) => string;

const itself: Key = (item) => (isScalar(item) ? String(item) : JSON.stringify(item));
const field =
  (name: string): Key =>
  (item) =>
    itself(isDict(item) ? (item[name] ?? null) : item);

/** As it would be published: what a short form writes out, a long one may leave out. */
const port: Key = (item) =>
  isDict(item)
    ? [item.host_ip ?? '0.0.0.0', item.published ?? null, item.target ?? null, item.protocol ?? 'tcp']
        .map(itself)
        .join(' ')
    : itself(item);

/** By where it is mounted. */
const fileIn =
  (directory: string): Key =>
  (item) => {
    if (!isDict(item)) return itself(item);
    const target = itself(item.target ?? item.source ?? null);
    return target.startsWith('/') ? target : `${directory}/${target}`;
  };

/** Lists in which an entry that comes later takes the place of an equal one. */
const SERVICE: Readonly<Record<string, Key>> = {
  cap_add: itself,
  cap_drop: itself,
  configs: fileIn(''),
  device_cgroup_rules: itself,
  devices: field('target'),
  dns: itself,
  dns_opt: itself,
  dns_search: itself,
  env_file: field('path'),
  expose: itself,
  external_links: itself,
  extra_hosts: itself,
  group_add: itself,
  label_file: itself,
  links: itself,
  ports: port,
  profiles: itself,
  secrets: fileIn('/run/secrets'),
  security_opt: itself,
  tmpfs: itself,
  volumes: field('target'),
  volumes_from: itself,
};
const BUILD: Readonly<Record<string, Key>> = {
  cache_from: itself,
  cache_to: itself,
  entitlements: itself,
  extra_hosts: itself,
  platforms: itself,
  secrets: fileIn('/run/secrets'),
  tags: itself,
};
const ATTACHMENT: Readonly<Record<string, Key>> = { aliases: itself, link_local_ips: itself };

/** Makes the entries of lists unique, in place: the first keeps its position and takes the value of the last. */
export function makeUnique(model: Dict): void {
  for (const [, service] of dictsIn(model, 'services')) {
    uniqueFields(service, SERVICE);
    const build = dictAt(service, 'build');
    if (build) uniqueFields(build, BUILD);
    for (const [, attachment] of dictsIn(service, 'networks')) uniqueFields(attachment, ATTACHMENT);
  }
}

function uniqueFields(holder: Dict, keys: Readonly<Record<string, Key>>): void {
  for (const [name, keyOf] of Object.entries(keys)) {
    const list = holder[name];
    if (Array.isArray(list) && list.length > 1) holder[name] = unique(list, keyOf);
  }
}

function unique(list: Value[], keyOf: Key): Value[] {
  const result: Value[] = [];
  const positions = new Map<string, number>();
  for (const [index, item] of list.entries()) {
    const key = keyOf(item);
    const position = positions.get(key) ?? result.length;
    positions.set(key, position);
    result[position] = item;
    mark(result, position, originIn(list, index));
  }
  return result;
}
