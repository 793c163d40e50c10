import { closest } from '#lib/common';
import { DRIVER_ALIASES, DRIVER_NAMES } from '#lib/domain';
import type { Project } from '../model/project.js';
import { Problems } from '../problems.js';
import { checkDriverOptions } from './driver-options.js';
import { checkInterfaceNames } from './interface-names.js';
import { checkOverlaps, readPools, type Pool } from './pools.js';
import { checkPublishedAddresses } from './published-addresses.js';
import { checkStaticAddresses } from './static-addresses.js';

/**
 * The checks of a project's networks that need nothing but the project, and that Docker Compose leaves to the engine: drivers and
 * their options, subnets, gateways, ranges, static addresses, names of interfaces and published addresses. Throws one `invalid` error that
 * names every problem.
 */
export function checkNetworks(project: Project): void {
  const problems = new Problems(project);
  const pools = new Map<string, Pool[]>();
  for (const [key, network] of Object.entries(project.networks)) {
    if (network.external === true) continue;
    checkDriver(problems, key, network.driver);
    checkDriverOptions(problems, key, network.driver_opts ?? {});
    pools.set(key, readPools(problems, key, network));
  }
  checkOverlaps(problems, pools);
  checkStaticAddresses(problems, project, pools);
  checkInterfaceNames(problems, project);
  checkPublishedAddresses(problems, project);
  problems.throwIfAny();
}

function checkDriver(problems: Problems, key: string, driver: string | undefined): void {
  if (driver === undefined || Object.hasOwn(DRIVER_ALIASES, driver)) return;
  const known: readonly string[] = DRIVER_NAMES;
  if (known.includes(driver)) return;
  const names = [...known, ...Object.keys(DRIVER_ALIASES).filter((alias) => alias !== '')];
  const meant = closest(driver, names);
  const hint = meant ? `did you mean ${meant}? ` : '';
  problems.add(
    ['networks', key, 'driver'],
    `networks.${key}: unknown driver "${driver}"; ${hint}accepted are ${names.join(', ')}`,
  );
}
