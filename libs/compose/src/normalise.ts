import { dict, dictAt, dictsIn, isDict, stringsOf, type Dict } from './values.js';
import { fields } from './canonical/mappings.js';
import { carryOrigins } from './origins.js';

/** Makes implicit things explicit, in place: the default network, dependencies, names of resources. */
export function normalise(model: Dict, projectName: string, env: Readonly<Record<string, string>>): void {
  for (const [, service] of dictsIn(model, 'services')) {
    joinDefaultNetwork(service);
    addDependencies(service);
    resolveBuildArgs(service, env);
    if (service.pull_policy === 'if_not_present') service.pull_policy = 'missing';
  }
  const usesDefault = [...dictsIn(model, 'services')].some(
    ([, service]) => 'default' in (dictAt(service, 'networks') ?? {}),
  );
  if (usesDefault) {
    const networks = (model.networks ??= dict());
    if (isDict(networks)) networks.default ??= dict();
  } else dropUnusedDefault(model);
  for (const section of ['networks', 'volumes', 'secrets', 'configs']) {
    for (const [key, entry] of dictsIn(model, section)) {
      entry.name ??= entry.external === true ? key : `${projectName}_${key}`;
    }
  }
}

function joinDefaultNetwork(service: Dict): void {
  if (service.network_mode !== undefined || service.provider !== undefined) return;
  const networks = service.networks;
  if (networks === undefined || (isDict(networks) && Object.keys(networks).length === 0)) {
    service.networks = fields({ default: null });
  }
}

/** Nothing is made for a default network that no service is on. */
function dropUnusedDefault(model: Dict): void {
  const networks = dictAt(model, 'networks');
  if (networks && isDict(networks.default) && Object.keys(networks.default).length === 0) delete networks.default;
}

/** Sharing something with a service means to depend on it. What the file says itself stays. */
function addDependencies(service: Dict): void {
  const implied = new Map<string, boolean>();
  for (const link of stringsOf(service.links)) implied.set(link.split(':')[0]!, true);
  for (const key of ['network_mode', 'ipc', 'pid', 'uts', 'cgroup']) {
    const value = service[key];
    if (typeof value === 'string' && value.startsWith('service:')) implied.set(value.slice('service:'.length), true);
  }
  for (const from of stringsOf(service.volumes_from)) {
    const [name] = from.split(':');
    if (!from.startsWith('container:') && !implied.has(name!)) implied.set(name!, false);
  }
  if (implied.size === 0) return;
  const dependencies = (service.depends_on ??= dict());
  if (!isDict(dependencies)) return;
  for (const [name, restart] of implied) {
    dependencies[name] ??= fields({ condition: 'service_started', required: true, restart: restart || undefined });
  }
}

/** An argument without a value takes it from the environment, and is left out when that has none. */
function resolveBuildArgs(service: Dict, env: Readonly<Record<string, string>>): void {
  const build = dictAt(service, 'build');
  const args = build && dictAt(build, 'args');
  if (!args) return;
  const resolved = carryOrigins(args, dict());
  for (const [key, value] of Object.entries(args)) {
    const actual = value ?? env[key];
    if (actual !== undefined) resolved[key] = actual;
  }
  build.args = resolved;
}
