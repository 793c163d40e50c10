import { digestOf, invalid, randomName } from '#lib/common';
import { publishesEarly, type EngineSpec, type RestartPolicy } from '#lib/domain';
import { extraHost, type ImageDefaults } from '#lib/engine';
import type { Draft } from '../../containers/draft.js';
import { graceOf } from '../../containers/stop-options.js';
import { fromDockerHealthcheck } from '../../health/healthcheck.js';
import { checkMounts } from '../../volumes/mounts.js';
import { attachmentsOf, networkModeOf, type Named } from './attachments.js';
import { hostConfig, type CreateBody, type HostConfigBody } from './create-body.js';
import { checkCreate } from './create-checks.js';
import { withImage } from './image-merge.js';
import { portRequestsOf } from './port-bindings.js';

export interface CreateFacts {
  /** the container's, 64 hex digits */
  id: string;
  named: Named;
  image: ImageDefaults;
  /** volumes of the mounts that have got a name, and that go with the container */
  ownVolumes?: string[];
  /** is there such a file on the node? */
  exists(path: string): boolean;
  now: string;
}

const NAME = /^\/?[a-zA-Z0-9][a-zA-Z0-9_.-]+$/;
const COMPOSE = 'com.docker.compose.';

/** A container as POST /containers/create asks for it. Pure but for its name where none is given. */
export function draftOf(name: string | undefined, asked: CreateBody, facts: CreateFacts): Draft {
  if (name) checkName(name);
  const host = asked.HostConfig ?? hostConfig.parse({});
  const body = withImage(asked, facts.image);
  checkCreate(asked, body, host);
  checkMounts(host.Binds ?? [], host.Mounts ?? [], facts.exists);
  const mode = networkModeOf(host.NetworkMode ?? '', facts.named);
  const spec = specOf(body, host, facts.named);
  const endpoints = body.NetworkingConfig?.EndpointsConfig ?? {};
  const exposed = host.PublishAllPorts ? Object.keys(body.ExposedPorts) : [];
  return {
    id: facts.id,
    name: name?.replace(/^\//, '') || randomName(),
    ...composeOf(body.Labels),
    spec,
    specHash: digestOf(spec),
    networkMode: mode,
    attachments: mode === 'bridged' ? attachmentsOf(host, endpoints, body.MacAddress, facts.named) : [],
    portRequests: mode === 'bridged' ? portRequestsOf(host.PortBindings, exposed) : [],
    dns: {
      servers: host.Dns ?? [],
      search: host.DnsSearch ?? [],
      options: host.DnsOptions ?? [],
      extraHosts: (host.ExtraHosts ?? []).map(extraHost),
    },
    files: [],
    healthcheck: fromDockerHealthcheck(body.Healthcheck),
    restart: restartOf(host.RestartPolicy, host.AutoRemove),
    dependsOn: [],
    pullPolicy: 'never',
    target: 'created',
    ...(publishesEarly(body.Labels) && { publishEarly: true }),
    origin: 'api',
    ...(host.AutoRemove && { autoRemove: true }),
    ...(facts.ownVolumes?.length && { ownVolumes: facts.ownVolumes }),
    stopGraceSeconds: graceOf(body.StopTimeout ?? 10),
    createdAt: facts.now,
  };
}

/** A name may begin with a slash, as Docker shows it. */
export function checkName(name: string): void {
  if (NAME.test(name)) return;
  throw invalid(`Invalid container name (${name}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed`);
}

function specOf(body: CreateBody, host: HostConfigBody, named: Named): EngineSpec {
  const { NetworkingConfig: _networks, Healthcheck: _health, MacAddress: _mac, HostConfig: _host, ...config } = body;
  const shared = (mode: string | undefined) =>
    mode?.startsWith('container:') ? named.container(mode.slice(10)) : undefined;
  // Names that the engine does not know must at least be ours.
  shared(host.PidMode);
  shared(host.IpcMode);
  for (const from of host.VolumesFrom ?? []) named.container(from.split(':')[0]!);
  const given = Object.entries({ ...config, HostConfig: host }).filter(
    ([, value]) => value !== undefined && value !== null && value !== '',
  );
  return Object.fromEntries(given) as unknown as EngineSpec;
}

/** docker-compose's labels say which service a container is of; names of services are resolved by it. */
function composeOf(labels: Readonly<Record<string, string>>): Pick<Draft, 'project' | 'service' | 'number'> {
  const project = labels[`${COMPOSE}project`];
  const service = labels[`${COMPOSE}service`];
  const number = Number(labels[`${COMPOSE}container-number`] ?? 1);
  if (!project || !service || labels[`${COMPOSE}oneoff`] === 'True' || !Number.isInteger(number)) return {};
  return { project, service, number };
}

export function restartOf(policy: HostConfigBody['RestartPolicy'], autoRemove: boolean): RestartPolicy {
  const { Name: name = '', MaximumRetryCount: maxRetries = 0 } = policy ?? {};
  switch (name) {
    case '':
    case 'no':
      return { name: 'no', maxRetries: 0 };
    case 'always':
    case 'unless-stopped':
    case 'on-failure':
      if (autoRemove) throw invalid("can't create 'AutoRemove' container with restart policy");
      if (name !== 'on-failure' && maxRetries !== 0) {
        throw invalid(
          `invalid restart policy: maximum retry count can only be used with 'on-failure', not with '${name}'`,
        );
      }
      return { name, maxRetries };
    default:
      throw invalid(
        `invalid restart policy: unknown policy '${name}'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'`,
      );
  }
}
