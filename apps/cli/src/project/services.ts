import type { ContainerView } from '#lib/contracts';
import type { NodeClient } from '../client/node-client.js';

/**
 * Errors: `not_found` for a name of which the project has neither containers nor, as it was brought up last, a service.
 * Nothing is known of a project that is not up.
 * @param seen containers of the project, as far as they have been asked for
 */
export async function requireServices(
  client: NodeClient,
  project: string,
  names: readonly string[],
  seen: readonly ContainerView[],
): Promise<void> {
  const missing = names.filter((name) => !seen.some(({ service }) => service === name));
  if (missing.length === 0) return;
  const [containers, projects] = await Promise.all([client.containers(project, { all: true }), client.projects()]);
  const model = projects.find(({ name }) => name === project)?.model as { services?: object } | undefined;
  const known = new Set([...Object.keys(model?.services ?? {}), ...containers.map(({ service }) => service)]);
  const unknown = missing.find((name) => !known.has(name));
  if (unknown === undefined || known.size === 0) return;
  const { noSuchService } = await import('#lib/compose');
  throw noSuchService(unknown, [...known]);
}
