import { dict, dictAt, isDict, stringsOf, type Dict } from './values.js';
import { carryOrigins } from './origins.js';

/**
 * Takes away, in place, services none of whose profiles is active; services without profiles stay, and so do those in `named`. `*`
 * activates every profile. A dependency that may be missing goes with its service. Returns the names taken away.
 */
export function selectProfiles(model: Dict, active: readonly string[], named: readonly string[]): string[] {
  const services = dictAt(model, 'services');
  if (!services) return [];
  const enabled = carryOrigins(services, dict());
  const disabled: string[] = [];
  for (const [name, service] of Object.entries(services)) {
    const profiles = isDict(service) ? stringsOf(service.profiles) : [];
    const on =
      profiles.length === 0 || named.includes(name) || active.includes('*') || profiles.some((p) => active.includes(p));
    if (on) enabled[name] = service;
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
