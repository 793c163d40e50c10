import { dict, dictAt, isDict, stringsOf, type Dict, type Value } from './values.js';
import { carryOrigins } from './origins.js';

/**
 * Takes away, in place, services none of whose profiles is active; services without profiles stay. `*` activates every profile, and naming
 * a service that no profile enables activates its own. A dependency that may be missing goes with its service. Returns the names taken away.
 */
export function selectProfiles(model: Dict, active: readonly string[], named: readonly string[]): string[] {
  const services = dictAt(model, 'services');
  if (!services) return [];
  const all = withProfilesOf(named, services, active);
  const enabled = carryOrigins(services, dict());
  const disabled: string[] = [];
  for (const [name, service] of Object.entries(services)) {
    if (isEnabled(service, all)) enabled[name] = service;
    else disabled.push(name);
  }
  model.services = enabled;
  for (const service of Object.values(enabled)) {
    const dependencies = isDict(service) ? dictAt(service, 'depends_on') : undefined;
    for (const [name, dependency] of Object.entries(dependencies ?? {})) {
      if (disabled.includes(name) && isDict(dependency) && dependency.required === false) delete dependencies![name];
    }
  }
  return disabled;
}

function withProfilesOf(named: readonly string[], services: Dict, active: readonly string[]): string[] {
  const disabled = named.filter((name) => !isEnabled(services[name], active));
  return [...active, ...disabled.flatMap((name) => profilesOf(services[name]))];
}

function isEnabled(service: Value | undefined, active: readonly string[]): boolean {
  const profiles = profilesOf(service);
  return profiles.length === 0 || active.includes('*') || profiles.some((profile) => active.includes(profile));
}

const profilesOf = (service: Value | undefined) => (isDict(service) ? stringsOf(service.profiles) : []);
