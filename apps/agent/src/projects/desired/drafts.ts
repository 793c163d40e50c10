import { replicasOf, selectServices, type Project, type Service } from '#lib/compose';
import { digestOf, invalid } from '#lib/common';
import { publishesEarly, type Healthcheck, type NetworkMode } from '#lib/domain';
import { extraHost } from '#lib/engine';
import type { Draft } from '../../containers/draft.js';
import { attachmentsOf } from './attachments.js';
import { engineSpecOf, stopGraceOf } from './engine-spec.js';
import { explained } from './explained.js';
import { inlineFilesOf } from './files.js';
import { containerLabels } from './labels.js';
import { dependenciesOf, healthcheckOf, pullPolicyOf, restartOf } from './policies.js';
import { portRequestsOf } from './ports.js';
import { sharingOf, type Sharing } from './sharing.js';

/** A container of a Compose service. */
export interface ServiceDraft extends Draft {
  sharing: Sharing;
}

export interface DraftOptions {
  /** with what they depend on; empty: all */
  services: readonly string[];
  /** without what they depend on */
  noDeps: boolean;
  scale: Record<string, number>;
  environment: Record<string, string>;
  workingDir: string;
  configFiles: string[];
  /** of an image that is here, by its name */
  imageHealthcheck: (image: string) => Healthcheck | undefined;
  /** id of the container of that name: the same one whenever it is asked within one request */
  idOf(name: string): string;
  now: string;
}

/** The containers that are asked for, service by service, replica by replica. Pure but for what sysctls the kernel has. */
export function draftsOf(project: Project, options: DraftOptions): ServiceDraft[] {
  for (const name of Object.keys(options.scale)) {
    if (!project.services[name]) {
      throw invalid(`--scale ${name}: no such service; there are ${Object.keys(project.services).join(', ')}`);
    }
  }
  return chosenServices(project, options).flatMap((name) => {
    const service = project.services[name]!;
    return Array.from({ length: countOf(name, service, options.scale) }, (_, index) =>
      draftOf(project, name, service, index + 1, options),
    );
  });
}

export function chosenServices(
  project: Project,
  { services, noDeps }: Pick<DraftOptions, 'services' | 'noDeps'>,
): string[] {
  return selectServices(project, services, { withDependencies: !noDeps });
}

function countOf(name: string, service: Service, scale: Record<string, number>): number {
  const replicas = scale[name] ?? replicasOf(service);
  if (!Number.isInteger(replicas) || replicas < 0) {
    throw invalid(`service ${name}: ${String(replicas)} replicas: expected a whole number from 0`);
  }
  if (replicas > 1 && service.container_name) {
    throw invalid(
      `service ${name}: container_name ${service.container_name} allows one container, ${replicas} are asked for`,
    );
  }
  return replicas;
}

function draftOf(project: Project, key: string, service: Service, number: number, options: DraftOptions): ServiceDraft {
  const dependsOn = dependenciesOf(service);
  const mode = networkModeOf(project, service);
  const sharing = sharingOf(service);
  const labels = containerLabels({ ...options, project, service: key, number, dependsOn });
  const spec = engineSpecOf(service, project, labels);
  const attachments = attachmentsOf(project, key, service, mode);
  const files = inlineFilesOf(service, project, options.environment);
  const portRequests = portRequestsOf(service);
  const healthcheck = (image?: Healthcheck) =>
    explained(`services.${key}.healthcheck`, () => healthcheckOf(service, image));
  const rest = {
    networkMode: mode,
    dns: {
      servers: service.dns ?? [],
      search: service.dns_search ?? [],
      options: service.dns_opt ?? [],
      extraHosts: explained(`services.${key}.extra_hosts`, () => (service.extra_hosts ?? []).map(extraHost)),
    },
    files,
    healthcheck: healthcheck(),
  };
  const hash = digestOf({ spec: withoutPlace(spec), attachments, portRequests, ...rest, shares: sharing.network });
  spec.Labels = { ...spec.Labels, 'com.docker.compose.config-hash': hash };
  const name = service.container_name ?? `${project.name}-${key}-${number}`;
  return {
    id: options.idOf(name),
    name,
    project: project.name,
    service: key,
    number,
    spec,
    specHash: hash,
    ...rest,
    // Not in the hash: an image that was pulled anew is no change of the file.
    healthcheck: healthcheck(options.imageHealthcheck(spec.Image)),
    attachments,
    portRequests,
    sharing,
    restart: restartOf(service),
    dependsOn,
    pullPolicy: pullPolicyOf(service),
    target: 'running',
    ...(explained(`services.${key}`, () => publishesEarly(service.labels)) && { publishEarly: true }),
    stopGraceSeconds: stopGraceOf(service),
    createdAt: options.now,
  };
}

/** Where the files lie is no reason to make a container anew. */
function withoutPlace(spec: Draft['spec']): Draft['spec'] {
  const labels = Object.entries(spec.Labels ?? {}).filter(([name]) => !name.startsWith('com.docker.compose.'));
  return { ...spec, Labels: Object.fromEntries(labels) };
}

const VIRTUAL = ['host', 'none'] as const;

/** `host` and `none` may also be asked for as the networks of these names: external, and no other beside them. */
function networkModeOf(project: Project, service: Service): NetworkMode {
  const named = Object.keys(service.networks ?? {}).map((key) => project.networks[key]);
  const [only] = named;
  const asNetwork =
    named.length === 1 && only?.external === true ? VIRTUAL.find((each) => each === only.name) : undefined;
  const mode = service.network_mode ?? asNetwork ?? '';
  if (mode === '' || mode === 'bridge' || mode === 'default' || mode === 'nat') return 'bridged';
  if (mode === 'none' || mode === 'host') return mode;
  // Whose it is is known when all containers have ids.
  if (mode.startsWith('service:')) return 'container:';
  if (mode.startsWith('container:')) return mode as NetworkMode;
  throw invalid(`network_mode ${mode}: expected none, host, nat, service:NAME or container:NAME`);
}
