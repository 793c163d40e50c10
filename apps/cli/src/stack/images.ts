import type { SwarmApi } from '../swarm/swarm-api.js';
import { IMAGE } from './labels.js';
import type { RegistryAuth } from '#lib/contracts';
import type { ServiceSpec } from '#lib/domain';

export const RESOLVE = ['always', 'changed', 'never'] as const;
export type Resolve = (typeof RESOLVE)[number];

/**
 * The image with the digest that its registry has for it now, so that every node runs the same one. As it was written when
 * it is not to be resolved; undefined when the registry does not tell.
 * @param current the service as it runs, whose digest is kept with `changed` where the file names the same image
 */
export async function resolvedImage(
  image: string,
  how: Resolve,
  { api, auth, current }: { api: SwarmApi; auth: RegistryAuth | undefined; current: ServiceSpec | undefined },
): Promise<string | undefined> {
  const runs = current?.TaskTemplate.ContainerSpec?.Image;
  if (how === 'changed' && runs !== undefined && current?.Labels?.[IMAGE] === image) return runs;
  if (how === 'never' || image.includes('@')) return image;
  try {
    const path = `/distribution/${image.split('/').map(encodeURIComponent).join('/')}/json`;
    const found = await api.client.json<{ Descriptor: { digest: string } }>({ method: 'GET', path, auth });
    return `${image}@${found.Descriptor.digest}`;
  } catch {
    return undefined;
  }
}
