import { listed, unsupported } from '#lib/common';
import type { DriverName } from '#lib/domain';
import type { NetworkDriver } from './driver.js';
import { l2bridgeDriver, l2tunnelDriver } from './l2/l2-drivers.js';
import { natDriver } from './nat/nat-driver.js';
import { overlayDriver } from './overlay/overlay-driver.js';
import { transparentDriver } from './transparent/transparent-driver.js';

/** Every driver there is: a line each. */
const ALL: readonly NetworkDriver[] = [natDriver, transparentDriver, l2bridgeDriver, l2tunnelDriver, overlayDriver];

const DRIVERS: ReadonlyMap<string, NetworkDriver> = new Map(ALL.map((driver) => [driver.name, driver]));

/** Names of the drivers that are available. */
export const networkDrivers: readonly string[] = [...DRIVERS.keys()];

/** The driver of that name; `unsupported` names those that are there. */
export function driverFor(name: DriverName): NetworkDriver {
  const driver = DRIVERS.get(name);
  if (driver) return driver;
  throw unsupported(`network driver ${name} is not available on this node; available: ${listed(networkDrivers)}`);
}
