import type { NetworkDriver } from '../driver.js';
import { l2Effects } from './effects.js';
import { insideReady } from '../endpoint/inside.js';
import { endpointReady, ensureEndpoint, grantMac, removeEndpoint } from './endpoint.js';
import { ensureNetwork, networkReady, removeNetwork } from './network.js';
import { place } from './place.js';

const driver = (name: 'l2bridge' | 'l2tunnel'): NetworkDriver => ({
  name,
  place,
  effects: l2Effects,
  endpointMac: grantMac,
  networkReady,
  ensureNetwork,
  removeNetwork,
  endpointReady,
  insideReady,
  ensureEndpoint,
  removeEndpoint,
});

/** A bridge on the physical segment; every frame that leaves the node carries the node's own MAC (`segmentRules`). */
export const l2bridgeDriver = driver('l2bridge');

/** The same, and frames between containers of this node go by the physical switch as well. */
export const l2tunnelDriver = driver('l2tunnel');
