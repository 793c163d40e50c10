import type { Project } from './model/project.js';
import type { Service, ServiceVolume } from './model/service.js';
import { Problems } from './problems.js';

type ServicePath = (string | number)[];

/** What a node cannot do with a service: where it may stand, and what to do about it. */
interface Unsupported {
  /** the paths below the service at which it is used */
  find: (service: Service) => ServicePath[];
  advice: string;
}

/** An empty list asks for nothing. */
const isAsked = (value: unknown) => value !== undefined && !(Array.isArray(value) && value.length === 0);

const attribute = (key: keyof Service & string, advice: string): Unsupported => ({
  find: (service) => (isAsked(service[key]) ? [[key]] : []),
  advice,
});

const reservation = (key: 'devices' | 'generic_resources', advice: string): Unsupported => ({
  find: (service) =>
    isAsked(service.deploy?.resources?.reservations?.[key]) ? [['deploy', 'resources', 'reservations', key]] : [],
  advice,
});

const mount = (type: ServiceVolume['type'], advice: string): Unsupported => ({
  find: (service) =>
    (service.volumes ?? []).flatMap((volume, index) => (volume.type === type ? [['volumes', index, 'type']] : [])),
  advice,
});

/** An option of a mount. @param used does this value ask for more than is done anyway? */
const mountOption = (
  path: readonly [kind: 'bind' | 'volume', option: string],
  advice: string,
  used: (value: unknown) => boolean = (value) => value !== undefined,
): Unsupported => ({
  find: (service) =>
    (service.volumes ?? []).flatMap((volume, index) => {
      const [kind, option] = path;
      const value = (volume[kind] as Record<string, unknown> | undefined)?.[option];
      return used(value) ? [['volumes', index, ...path]] : [];
    }),
  advice,
});

const SUPPORTED_PULL = ['always', 'never', 'missing', 'if_not_present'];

/** Neither a container of a node nor a task of a swarm is mounted like this. */
const MOUNTS: readonly Unsupported[] = [
  mount('cluster', 'use a bind mount or a named volume'),
  mount('npipe', 'it is for Windows containers'),
  mount('image', 'use a bind mount or a named volume'),
  mountOption(['volume', 'subpath'], 'a volume is mounted whole; use a volume for each folder, or a bind mount'),
  mountOption(['volume', 'labels'], 'give the labels to the volume, under volumes'),
  mountOption(
    ['bind', 'recursive'],
    'what is mounted below the source comes with it, and can be written where it could be; leave it out',
    (value) => value !== undefined && value !== 'enabled',
  ),
];

const SERVICE: readonly Unsupported[] = [
  attribute('build', 'images are not built here; build the image first and name it with image'),
  attribute('develop', 'there is no watch mode here; leave it out'),
  attribute('provider', 'services of other tools are not run here'),
  attribute('models', 'models are not run here'),
  attribute('gpus', 'device drivers are not asked for GPUs here; use devices'),
  attribute('credential_spec', 'it is for Windows containers'),
  attribute('isolation', 'it is for Windows containers'),
  attribute('cpu_count', 'it is for Windows containers; use cpus'),
  attribute('cpu_percent', 'it is for Windows containers; use cpus'),
  attribute('platform', "images of the machine's own platform are run; leave it out"),
  attribute('runtime', 'the node chooses its OCI runtime; leave it out'),
  attribute('storage_opt', 'use a volume of the size that is needed'),
  attribute('blkio_config', 'block devices are not shared out here yet; leave it out'),
  attribute('cgroup', 'the node chooses the cgroup namespace; leave it out'),
  attribute('volumes_from', 'name the volumes in each service'),
  attribute('pre_start', 'use a service that others depend on with service_completed_successfully'),
  attribute('post_start', 'use a service that depends on this one'),
  attribute('pre_stop', 'handle the stop signal in the container'),
  attribute('use_api_socket', 'mount the socket as a volume'),
  attribute('pull_refresh_after', 'use pull_policy: always, missing or never'),
  reservation('devices', 'device drivers are not asked for devices here; use devices of the service'),
  reservation('generic_resources', 'nodes do not count resources of their own kinds'),
  {
    find: ({ deploy }) => (deploy?.mode?.endsWith('-job') ? [['deploy', 'mode']] : []),
    advice: 'jobs come with the swarm; use restart: "no" or on-failure',
  },
  {
    find: ({ networks }) =>
      Object.entries(networks ?? {}).flatMap(([name, use]) =>
        use?.link_local_ips?.length ? [['networks', name, 'link_local_ips']] : [],
      ),
    advice: 'give the service an address of the network with ipv4_address or ipv6_address',
  },
  ...MOUNTS,
  {
    find: ({ pull_policy: policy }) =>
      policy === undefined || SUPPORTED_PULL.includes(policy) ? [] : [['pull_policy']],
    advice: `use one of ${SUPPORTED_PULL.join(', ')}`,
  },
];

/** What of a service's mounts can be had neither on a node nor in a swarm: `volumes[0].volume.subpath`, and what to do. */
export function unsupportedMounts(service: Service): { path: string; advice: string }[] {
  return MOUNTS.flatMap(({ find, advice }) =>
    find(service).map(([volumes, index, ...rest]) => ({ path: `${volumes}[${index}].${rest.join('.')}`, advice })),
  );
}

/** Attributes of secrets and configs that need a driver other than the node itself. */
const FILE_DRIVERS = ['driver', 'driver_opts', 'template_driver'] as const;

/** Uses of drivers of secrets and configs, which neither a node nor a swarm has: `['secrets', 'key', 'driver']`. */
export function unsupportedFileDrivers(project: Project): { path: string[]; advice: string }[] {
  return (['secrets', 'configs'] as const).flatMap((section) =>
    Object.entries(project[section]).flatMap(([key, entry]) =>
      FILE_DRIVERS.filter((field) => field in entry).map((field) => ({
        path: [section, key, field],
        advice: 'give the content with file or environment',
      })),
    ),
  );
}

/**
 * Throws one `unsupported` error that names every use of what Compose knows and a node cannot do. It is apart from loading, so that
 * `skep config` shows every valid file.
 */
export function refuseUnsupported(project: Project): void {
  const problems = new Problems(project);
  for (const [name, service] of Object.entries(project.services)) {
    for (const { find, advice } of SERVICE) {
      for (const path of find(service)) {
        problems.add(['services', name, ...path], `services.${name}.${path.join('.')} is not supported: ${advice}`);
      }
    }
  }
  for (const { path, advice } of unsupportedFileDrivers(project)) {
    problems.add(path, `${path.join('.')} is not supported: ${advice}`);
  }
  problems.throwIfAny('unsupported');
}
