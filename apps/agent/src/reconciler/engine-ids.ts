import { join } from 'node:path';
import { unavailable } from '#lib/common';
import {
  namedBy,
  volumeContainers,
  type Container,
  type NodeNames,
  type ObservedContainer,
  type ObservedMount,
} from '#lib/domain';
import type { EngineCreate } from '#lib/engine';
import type { Store } from '#lib/store';
import type { World } from '../world/world.js';
import { withVolumesFrom } from './volumes-from.js';

/** A container that this one names, if the engine has it. */
function named({ id }: Pick<Container, 'id'>, name: string, store: Store, world: World): ObservedContainer | undefined {
  const other = namedBy(id, name, store.list('container'));
  return other && world.container(other.id);
}

/** The engine's ids of the containers whose volumes this one has. */
export function volumeSources(container: Container, store: Store, world: World): string[] {
  return volumeContainers(container).flatMap((name) => named(container, name, store, world)?.engineId ?? []);
}

/**
 * Names of other containers that the engine is told of become its own ids of them, or what they have mounted.
 * @param execRoot where the files are that skep has put into them
 */
export function withEngineIds(
  container: Pick<Container, 'id' | 'spec'>,
  store: Store,
  world: World,
  execRoot: string,
): Container['spec'] {
  const { spec } = container;
  const host = spec.HostConfig ?? {};
  const idOf = (name: string) => named(container, name, store, world)?.engineId ?? name;
  const shared = (mode: unknown) =>
    typeof mode === 'string' && mode.startsWith('container:') ? `container:${idOf(mode.slice(10))}` : mode;
  const ours = ['containers', 'secrets'].map((folder) => `${join(execRoot, folder)}/`);
  const isOurs = ({ source }: ObservedMount) => ours.some((folder) => source.startsWith(folder));
  const mountsOf = (name: string) => named(container, name, store, world)?.mounts.filter((mount) => !isOurs(mount));
  return {
    ...spec,
    HostConfig: {
      ...withVolumesFrom(host, mountsOf),
      ...(host['PidMode'] !== undefined && { PidMode: shared(host['PidMode']) }),
      ...(host['IpcMode'] !== undefined && { IpcMode: shared(host['IpcMode']) }),
    },
  };
}

/** The engine's ids of those that it has. */
export function engineIdsOf(ids: readonly string[], world: World): string[] {
  return ids.flatMap((id) => world.container(id)?.engineId ?? []);
}

/** Where a container's process begins. Throws `unavailable` when the one whose network it shares is not there yet. */
export function engineNetwork(container: Container, names: NodeNames, world: World): EngineCreate['network'] {
  const mode = container.networkMode;
  if (mode === 'bridged') return { netnsPath: names.netnsPath(container.id) };
  if (mode === 'none' || mode === 'host') return { mode };
  const id = mode.slice('container:'.length);
  const other = world.container(id);
  if (!other) throw unavailable(`container ${container.name} shares the network of ${id}, which is not there yet`);
  return { container: other.engineId };
}
