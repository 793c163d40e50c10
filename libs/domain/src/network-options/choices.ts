import { invalid, unsupported } from '#lib/common';
import type { DriverName } from '../network.js';

/** An option of Docker's that names a way of working, of which skep has one. */
interface Choice {
  accepted: string;
  /** what Docker takes beside it */
  lacking: readonly string[];
  why: string;
}

const GATEWAY_MODE: Choice = {
  accepted: 'nat',
  lacking: ['nat-unprotected', 'routed', 'isolated'],
  why: 'a nat network is behind the node, and reached by published ports alone',
};

const CHOICES: Readonly<Partial<Record<DriverName, Readonly<Record<string, Choice>>>>> = {
  nat: {
    'com.docker.network.bridge.gateway_mode_ipv4': GATEWAY_MODE,
    'com.docker.network.bridge.gateway_mode_ipv6': GATEWAY_MODE,
  },
  transparent: {
    macvlan_mode: {
      accepted: 'bridge',
      lacking: ['private', 'vepa', 'passthru'],
      why: 'containers of a transparent network reach each other directly',
    },
  },
};

/** False: this driver has no such option. Errors: `unsupported` for what only Docker does, `invalid` for what nobody does. */
export function isChosen(network: string, driver: DriverName, key: string, value: string): boolean {
  const choice = CHOICES[driver]?.[key];
  if (!choice) return false;
  const { accepted, lacking, why } = choice;
  if (value === accepted) return true;
  const found = `network ${network}: option ${key}=${value}`;
  throw lacking.includes(value)
    ? unsupported(`${found}: ${why}: only ${accepted} is accepted`)
    : invalid(`${found}: expected ${accepted}`);
}
