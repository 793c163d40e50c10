import type { NetworkDriver } from '../driver.js';
import { transparentEffects } from './effects.js';
import { endpointReady, ensureEndpoint, insideReady, removeEndpoint } from './endpoint.js';
import { ensureNetwork, networkReady, removeNetwork } from './network.js';
import { place } from './place.js';

/** Containers on the physical segment: each has a MAC of its own there. */
export const transparentDriver: NetworkDriver = {
  name: 'transparent',
  place,
  effects: transparentEffects,
  networkReady,
  ensureNetwork,
  removeNetwork,
  endpointReady,
  insideReady,
  ensureEndpoint,
  removeEndpoint,
};
