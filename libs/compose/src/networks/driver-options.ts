import { closest } from '#lib/common';
import type { Problems } from '../problems.js';
import { parseAddress } from './subnet.js';

const PREFIX = 'com.docker.network.windowsshim.';

type Judge = (value: string) => string | undefined;

const anything: Judge = () => undefined;
const boolean: Judge = (value) => (/^(true|false|0|1)$/i.test(value) ? undefined : 'true or false');
const vlan: Judge = (value) =>
  /^\d+$/.test(value) && Number(value) >= 1 && Number(value) <= 4094 ? undefined : 'a number from 1 to 4094';
const servers: Judge = (value) =>
  value.split(',').every((server) => parseAddress(server.trim())) ? undefined : 'addresses with commas between them';

/** Keys after the prefix; each with what a value has to be, unless it is right. */
const OPTIONS: Readonly<Record<string, Judge>> = {
  disable_dns: boolean,
  disable_gatewaydns: boolean,
  dnsservers: servers,
  dnssuffix: anything,
  enable_outboundnat: boolean,
  hnsid: anything,
  hnsowned: anything,
  interface: anything,
  macpool: anything,
  networkname: anything,
  outboundnat_exceptions: anything,
  routingdomain: anything,
  sourcemac: anything,
  vlanid: vlan,
  vsid: anything,
};

/** Judges a network's options of our own prefix; options of others pass. */
export function checkDriverOptions(
  problems: Problems,
  network: string,
  options: Readonly<Record<string, string>>,
): void {
  for (const [key, value] of Object.entries(options)) {
    if (!key.toLowerCase().startsWith(PREFIX)) continue;
    const name = key.slice(PREFIX.length);
    const path = ['networks', network, 'driver_opts', key];
    const judge = Object.hasOwn(OPTIONS, name) ? OPTIONS[name] : undefined;
    if (!judge) {
      const meant = closest(name, Object.keys(OPTIONS));
      const hint = meant ? `did you mean ${PREFIX}${meant}?` : `known are ${Object.keys(OPTIONS).join(', ')}`;
      problems.add(path, `networks.${network}: unknown option ${key}; ${hint}`);
      continue;
    }
    const expected = judge(value);
    if (expected) problems.add(path, `networks.${network}: option ${key} must be ${expected}; found "${value}"`);
  }
}
