import { isIP } from 'node:net';
import { invalid } from '#lib/common';

/** `name:address` or `name=address` of Docker's `add-host`; the address may be `host-gateway`. */
export function extraHost(entry: string): [name: string, address: string] {
  const [, name = '', address = ''] = /^([^\s:=]+)[:=](\S+)$/.exec(entry) ?? [];
  if (name === '') throw invalid(`bad format for add-host: ${JSON.stringify(entry)}: expected NAME:ADDRESS`);
  const bare = address.replace(/^\[(.*)\]$/, '$1');
  if (bare === 'host-gateway' || isIP(bare)) return [name, bare];
  throw invalid(`invalid IP address in add-host: ${JSON.stringify(address)}`);
}
