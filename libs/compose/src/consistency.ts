import { Problems } from './problems.js';
import { dictAt, dictsIn, isDict, type Dict, type Value } from './values.js';
import { tryParseBytes } from './units/bytes.js';

/** Checks that the parts of a whole project fit together. Throws one `invalid` error that names every problem. */
export function checkConsistency(model: Dict, disabled: readonly string[]): void {
  const problems = new Problems(model);
  const containerNames = new Map<string, string>();
  for (const [name, service] of dictsIn(model, 'services')) {
    const check = new ServiceCheck(problems, model, name, service);
    check.image();
    check.networks();
    check.references();
    check.dependencies(disabled);
    check.replicas();
    check.limits();
    check.healthcheck();
    const containerName = service.container_name;
    if (typeof containerName !== 'string') continue;
    const other = containerNames.get(containerName);
    if (other) {
      const message = `services.${name}: container name "${containerName}" is already in use by services.${other}`;
      problems.add(['services', name, 'container_name'], message);
    }
    containerNames.set(containerName, name);
  }
  for (const section of ['secrets', 'configs'] as const) {
    for (const [name, entry] of dictsIn(model, section)) checkContent(problems, section, name, entry);
  }
  problems.throwIfAny();
}

const PROBES: readonly Value[] = ['CMD', 'CMD-SHELL', 'NONE'];

class ServiceCheck {
  constructor(
    private readonly problems: Problems,
    private readonly model: Dict,
    private readonly name: string,
    private readonly service: Dict,
  ) {}

  image(): void {
    const { image, build, provider } = this.service;
    if (image !== undefined || build !== undefined || provider !== undefined) return;
    this.add([], `service "${this.name}" has neither an image nor a build context specified`);
  }

  networks(): void {
    const { network_mode: mode, networks } = this.service;
    if (mode !== undefined && networks !== undefined) {
      this.add(['network_mode'], `service ${this.name} declares mutually exclusive \`network_mode\` and \`networks\``);
    }
    for (const network of Object.keys(dictAt(this.service, 'networks') ?? {})) {
      this.refersTo('networks', network, ['networks', network], 'network');
    }
    if (typeof mode === 'string' && mode.startsWith('service:')) {
      const target = mode.slice('service:'.length);
      if (target === this.name) this.add(['network_mode'], `service "${this.name}" has network_mode of itself`);
    }
  }

  references(): void {
    for (const section of ['secrets', 'configs'] as const) {
      for (const [index, entry] of items(this.service[section])) {
        this.refersTo(section, String(entry.source), [section, index], section.slice(0, -1));
      }
    }
    for (const [index, mount] of items(this.service.volumes)) {
      if (mount.type === 'volume' && mount.source)
        this.refersTo('volumes', String(mount.source), ['volumes', index], 'volume');
    }
    for (const model of Object.keys(dictAt(this.service, 'models') ?? {})) {
      this.refersTo('models', model, ['models', model], 'model');
    }
  }

  dependencies(disabled: readonly string[]): void {
    const services = dictAt(this.model, 'services') ?? {};
    for (const [target, dependency] of dictsIn(this.service, 'depends_on')) {
      if (target === this.name) this.add(['depends_on', target], `service "${this.name}" depends on itself`);
      if (target in services || dependency.required === false) continue;
      const why = disabled.includes(target) ? `, which no active profile enables` : '';
      this.add(['depends_on', target], `service "${this.name}" depends on undefined service "${target}"${why}`);
    }
  }

  replicas(): void {
    const { scale, container_name: containerName } = this.service;
    const replicas = dictAt(this.service, 'deploy')?.replicas;
    if (scale !== undefined && replicas !== undefined && scale !== replicas) {
      this.add(['scale'], `services.${this.name}: can't set distinct values on 'scale' and 'deploy.replicas'`);
    }
    const count = scale ?? replicas;
    if (containerName !== undefined && typeof count === 'number' && count > 1) {
      const message = `services.${this.name}: the name "${String(containerName)}" is for one container, and ${count} are asked for`;
      this.add(['container_name'], message);
    }
  }

  /** The same limit may be given in two places, not two limits. */
  limits(): void {
    const resources = dictAt(dictAt(this.service, 'deploy') ?? {}, 'resources') ?? {};
    const limits = dictAt(resources, 'limits') ?? {};
    const reservations = dictAt(resources, 'reservations') ?? {};
    this.equal('cpus', limits.cpus, 'deploy.resources.limits.cpus');
    this.equal('mem_limit', limits.memory, 'deploy.resources.limits.memory');
    this.equal('pids_limit', limits.pids, 'deploy.resources.limits.pids');
    this.equal('mem_reservation', reservations.memory, 'deploy.resources.reservations.memory');
    const limit = tryParseBytes(String(this.service.mem_limit ?? limits.memory ?? ''));
    const reserved = tryParseBytes(String(this.service.mem_reservation ?? reservations.memory ?? ''));
    if (limit !== undefined && limit > 0 && reserved !== undefined && reserved > limit) {
      this.add([], `services.${this.name}: ${reserved} bytes of memory are reserved, and the limit is ${limit}`);
    }
  }

  /** Without one of these words the first of the command would be taken for it. */
  healthcheck(): void {
    const test = dictAt(this.service, 'healthcheck')?.test;
    const [kind] = Array.isArray(test) ? test : [];
    if (kind === undefined || PROBES.includes(kind)) return;
    const message = 'healthcheck.test must start either by "CMD", "CMD-SHELL" or "NONE"';
    this.add(['healthcheck', 'test'], `services.${this.name}: ${message}; found ${JSON.stringify(kind)}`);
  }

  private equal(key: string, other: Value | undefined, otherName: string): void {
    const own = this.service[key];
    if (own === undefined || other === undefined || own === other) return;
    this.add([key], `services.${this.name}: can't set distinct values on '${key}' and '${otherName}'`);
  }

  private refersTo(section: string, key: string, at: (string | number)[], noun: string): void {
    if (key in (dictAt(this.model, section) ?? {})) return;
    this.add(at, `service "${this.name}" refers to undefined ${noun} ${key}; declare it under ${section}`);
  }

  private add(at: (string | number)[], message: string): void {
    this.problems.add(['services', this.name, ...at], message);
  }
}

function checkContent(problems: Problems, section: 'secrets' | 'configs', name: string, entry: Dict): void {
  const sources = section === 'secrets' ? ['file', 'environment'] : ['file', 'environment', 'content'];
  const given = sources.filter((key) => entry[key] !== undefined);
  if (entry.external === true || entry.driver !== undefined || given.length === 1) return;
  const noun = section.slice(0, -1);
  const found = given.length === 0 ? 'none' : given.join(' and ');
  problems.add(
    [section, name],
    `${noun} "${name}" must declare one of ${sources.join(', ')} or external: true; found ${found}`,
  );
}

function* items(value: Value | undefined): Generator<[number, Dict]> {
  for (const [index, item] of (Array.isArray(value) ? value : []).entries()) if (isDict(item)) yield [index, item];
}
