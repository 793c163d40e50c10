import { conflict } from '#lib/common';
import type { Project } from '#lib/compose';
import type { RegistryAuth } from '#lib/contracts';
import type { ServiceSpec } from '#lib/domain';
import type { ShownService, SwarmApi } from '../swarm/swarm-api.js';
import type { FileIds } from './container-spec.js';
import { ensureFiles, readContents } from './files.js';
import { type Resolve, resolvedImage } from './images.js';
import { NAMESPACE } from './labels.js';
import { createNetworks, missingNetworks } from './networks.js';
import { serviceName, serviceSpecOf } from './service-spec.js';
import type { Work } from './work.js';

export interface DeployOptions {
  /** services of the stack that the files do not have are removed */
  prune: boolean;
  resolveImage: Resolve;
  /** by image: who asks its registry for the digest */
  registryAuth: Readonly<Record<string, RegistryAuth>>;
  /** the nodes ask as the same, from now on */
  withRegistryAuth: boolean;
  environment: Readonly<Record<string, string>>;
}

/**
 * Makes the swarm have the project as a stack of its name. What the files ask of contents, networks and external things is
 * looked at first, and nothing is changed when that is not to be had.
 */
export async function deployStack(project: Project, options: DeployOptions, api: SwarmApi, work: Work): Promise<void> {
  const contents = {
    secrets: await readContents('secrets', project, options.environment),
    configs: await readContents('configs', project, options.environment),
  };
  const networks = await missingNetworks(project, api);
  const running = new Map((await stackServices(project.name, api)).map((service) => [service.Spec.Name, service]));

  await createNetworks(networks, api, work);
  const ids: FileIds = {
    secrets: await ensureFiles('secrets', project, contents.secrets, { api, work }),
    configs: await ensureFiles('configs', project, contents.configs, { api, work }),
  };
  for (const key of Object.keys(project.services)) {
    const known = running.get(serviceName(project.name, key));
    const auth = options.registryAuth[project.services[key]!.image ?? ''];
    const kept = options.withRegistryAuth ? auth : undefined;
    const spec = await withImage(serviceSpecOf(project, key, ids), options.resolveImage, known, { api, auth, work });
    if (!known) await work.on('service', spec.Name, ['Creating', 'Created'], () => api.create('services', spec, kept));
    else
      await work.on('service', spec.Name, ['Updating', 'Updated'], () =>
        api.update('services', known, again(spec, known), kept),
      );
  }
  if (!options.prune) return;
  const wanted = new Set(Object.keys(project.services).map((key) => serviceName(project.name, key)));
  for (const [name, { ID }] of running) {
    if (!wanted.has(name)) await work.on('service', name, ['Removing', 'Removed'], () => api.remove('services', ID));
  }
}

export async function stackServices(stack: string, api: SwarmApi): Promise<ShownService[]> {
  return api.list('services', { label: [`${NAMESPACE}=${stack}`] }, '&status=true');
}

/** An update that asks for what runs leaves the tasks alone, unless they are a job's: also what `docker service update --force` has counted. */
function again(spec: ServiceSpec, { Spec: known }: ShownService): ServiceSpec {
  const [had, has] = [modeName(known), modeName(spec)];
  if (had !== has) {
    throw conflict(
      `its mode is ${had}, the file says ${has}; a service keeps its mode: remove it first (skep service rm)`,
    );
  }
  const { ForceUpdate } = known.TaskTemplate;
  return ForceUpdate ? { ...spec, TaskTemplate: { ...spec.TaskTemplate, ForceUpdate } } : spec;
}

function modeName({ Mode: mode }: ServiceSpec): string {
  return Object.entries(mode ?? {}).find(([, value]) => value != null)?.[0] ?? 'Replicated';
}

async function withImage(
  spec: ServiceSpec,
  how: Resolve,
  known: ShownService | undefined,
  { api, auth, work }: { api: SwarmApi; auth: RegistryAuth | undefined; work: Work },
): Promise<ServiceSpec> {
  const container = spec.TaskTemplate.ContainerSpec!;
  const Image = await resolvedImage(container.Image, how, { api, auth, current: known?.Spec });
  if (Image === undefined) {
    work.warn(`no registry tells the digest of ${container.Image}: each node takes the image that it has or gets`);
    return spec;
  }
  return { ...spec, TaskTemplate: { ...spec.TaskTemplate, ContainerSpec: { ...container, Image } } };
}
