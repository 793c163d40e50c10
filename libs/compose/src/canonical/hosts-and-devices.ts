import { mark, originIn } from '../origins.js';
import { isDict, type Value } from '../values.js';
import { eachItem, fields } from './mappings.js';

/** `extra_hosts` as a list of `name=address`, mappings sorted by name; IPv6 addresses may stand in brackets. */
export function extraHosts(value: Value): Value {
  if (!isDict(value)) return eachItem(hostEntries)(value);
  const list: Value[] = [];
  for (const name of Object.keys(value).sort()) {
    const addresses = value[name]!;
    for (const address of Array.isArray(addresses) ? addresses : [addresses]) {
      mark(list, list.length, originIn(value, name));
      list.push(typeof address === 'string' ? hostEntry(name, address) : address);
    }
  }
  return list;
}

/** An item of a list: a name with one address, or several behind commas. */
export function hostEntries(item: Value): Value {
  const [, name, addresses] = (typeof item === 'string' && /^([^:=]+)[:=](.*)$/s.exec(item)) || [];
  if (name === undefined || addresses === undefined) return item;
  return addresses.split(',').map((address) => hostEntry(name, address));
}

const hostEntry = (name: string, address: string) => `${name}=${address.trim().replace(/^\[(.*)\]$/, '$1')}`;

/** `SOURCE[:TARGET[:PERMISSIONS]]` of `devices`. A name such as `vendor.com/class=name` is a CDI device and stays whole. */
export function deviceEntry(item: Value): Value {
  if (typeof item !== 'string') return item;
  const [source = '', target, permissions] = item.split(':');
  return fields({ source, target: target || source, permissions: permissions ?? 'rwm' });
}
