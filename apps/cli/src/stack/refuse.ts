import { invalid } from '#lib/common';
import { unsupportedFileDrivers, unsupportedMounts, type Project, type Service } from '#lib/compose';
import { tmpfsOptions } from './container-spec.js';

/** What of a service a swarm carries out; `x-` is the user's own. */
const CARRIED_OUT: ReadonlySet<string> = new Set<keyof Service>([
  'cap_add',
  'cap_drop',
  'command',
  'configs',
  'cpus',
  'deploy',
  'dns',
  'dns_opt',
  'dns_search',
  'entrypoint',
  'env_file',
  'environment',
  'extra_hosts',
  'group_add',
  'healthcheck',
  'hostname',
  'image',
  'init',
  'label_file',
  'labels',
  'logging',
  'mem_limit',
  'mem_reservation',
  'networks',
  'oom_score_adj',
  'pids_limit',
  'ports',
  'profiles',
  'read_only',
  'restart',
  'scale',
  'secrets',
  'stdin_open',
  'stop_grace_period',
  'stop_signal',
  'sysctls',
  'tmpfs',
  'tty',
  'ulimits',
  'user',
  'volumes',
  'working_dir',
]);

/** Of an attachment to a network. */
const OF_NETWORK = new Set(['aliases', 'driver_opts', 'ipv4_address', 'ipv6_address']);

/** Why a service cannot be one of a swarm at all. */
const IMPOSSIBLE: readonly { of: (service: Service) => boolean; why: string }[] = [
  {
    of: ({ image }) => !image,
    why: 'has no image; images are not built for a swarm: build it, and name it with image',
  },
  {
    of: ({ network_mode: mode }) => mode !== undefined && mode !== '',
    why: 'has network_mode; use networks, for the node’s own one of {external: true, name: host}',
  },
  {
    of: ({ ports }) => (ports ?? []).some(({ host_ip: ip }) => ip !== undefined && ip !== '' && ip !== '0.0.0.0'),
    why: 'publishes a port on one address (host_ip); a swarm publishes on all: leave the address out',
  },
  {
    of: ({ tmpfs }) => (tmpfs ?? []).some((entry) => tmpfsOptions(entry).rest.length > 0),
    why: 'has options of tmpfs that a swarm does not know; it knows size and mode',
  },
  {
    of: ({ deploy }) => (deploy?.resources?.reservations?.generic_resources ?? []).length > 0,
    why: 'reserves generic_resources; nodes do not count resources of their own kinds',
  },
];

/**
 * Throws one `invalid` error for all that a swarm cannot run.
 * @returns what it leaves out, a line each for people
 */
export function checkForSwarm(project: Project): string[] {
  const problems = Object.entries(project.services).flatMap(([name, service]) => [
    ...IMPOSSIBLE.filter(({ of }) => of(service)).map(({ why }) => `services.${name} ${why}`),
    ...unsupportedMounts(service).map(
      ({ path, advice }) => `services.${name}.${path} is not possible in a swarm: ${advice}`,
    ),
  ]);
  for (const [name, network] of Object.entries(project.networks)) {
    const { driver } = network;
    if (network.external || driver === undefined || driver === '' || driver === 'overlay') continue;
    problems.push(`networks.${name} has driver ${driver}; a network over several nodes is an overlay network`);
  }
  for (const { path, advice } of unsupportedFileDrivers(project)) {
    problems.push(`${path.join('.')} is not possible in a swarm: ${advice}`);
  }
  if (problems.length > 0) throw invalid(problems.join('\n'));
  return Object.entries(project.services).flatMap(([name, service]) => {
    const left = Object.keys(service).filter((key) => !key.startsWith('x-') && !CARRIED_OUT.has(key));
    const ofNetworks = Object.entries(service.networks ?? {}).flatMap(([network, use]) =>
      Object.keys(use ?? {})
        .filter((key) => !key.startsWith('x-') && !OF_NETWORK.has(key))
        .map((key) => `networks.${network}.${key}`),
    );
    return [...left, ...ofNetworks].map(
      (key) => `services.${name}.${key}: services of a swarm have no such thing; it is left out`,
    );
  });
}
