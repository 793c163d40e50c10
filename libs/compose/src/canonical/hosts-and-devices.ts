import { mark, originIn } from '../origins.js';
import { isDict, type Value } from '../values.js';
import { fields } from './mappings.js';

/** `extra_hosts` as a list of `name=address`, mappings sorted by name; IPv6 addresses may stand in brackets. */
export function extraHosts(value: Value): Value {
  if (Array.isArray(value)) {
    const list = value.map(hostEntry);
    list.forEach((_, index) => mark(list, index, originIn(value, index)));
    return list;
  }
  if (!isDict(value)) return value;
  const list: Value[] = [];
  for (const name of Object.keys(value).sort()) {
    const addresses = value[name]!;
    for (const address of Array.isArray(addresses) ? addresses : [addresses]) {
      mark(list, list.length, originIn(value, name));
      list.push(typeof address === 'string' ? `${name}=${address.replace(/^\[(.*)\]$/, '$1')}` : address);
    }
  }
  return list;
}

export const hostEntry = (item: Value): Value =>
  typeof item === 'string' ? item.replace(/^([^:=]+)[:=]\[?([^\]]*)\]?$/, '$1=$2') : item;

/** `SOURCE[:TARGET[:PERMISSIONS]]` of `devices`. A name such as `vendor.com/class=name` is a CDI device and stays whole. */
export function deviceEntry(item: Value): Value {
  if (typeof item !== 'string') return item;
  const [source = '', target, permissions] = item.split(':');
  return fields({ source, target: target || source, permissions: permissions ?? 'rwm' });
}
