import { Inject, Injectable } from '@nestjs/common';
import { conflict, notFound, SkepError } from '#lib/common';
import { askEngine, callEngine, type Engine, type EngineCall } from '#lib/engine';
import { mountedVolumes } from '#lib/planner';
import type { VolumeRequest } from '#lib/domain';
import type { Store } from '#lib/store';
import { ContainerDirectory } from '../../containers/container-directory.js';
import { EventLog } from '../../events/event-log.js';
import { ENGINE, STORE } from '../../node/tokens.js';
import { Reconciler } from '../../reconciler/reconciler.js';
import { World } from '../../world/world.js';
import { follow } from '../../reconciler/watch.js';
import { NewVolumes } from '../../volumes/new-volumes.js';
import { anonymousName, isAnonymous, volumeJson, type EngineVolume } from '../../volumes/volume-json.js';
import { encoded } from '../passthrough/route.js';

/**
 * Volumes hold data, which no comparison can bring back: one that somebody makes or removes is the engine's alone, and
 * nothing makes it again. Those of Compose projects have rows of desired state, and go by them.
 */
@Injectable()
export class VolumesService {
  constructor(
    @Inject(STORE) private readonly store: Store,
    @Inject(ENGINE) private readonly engine: Engine,
    private readonly directory: ContainerDirectory,
    private readonly world: World,
    private readonly reconciler: Reconciler,
    private readonly log: EventLog,
    private readonly made: NewVolumes,
  ) {}

  async list(dangling?: boolean) {
    const filters = dangling === undefined ? undefined : JSON.stringify({ dangling: [String(dangling)] });
    const { Volumes: volumes } = await this.ask<{ Volumes: EngineVolume[] | null }>({
      method: 'GET',
      path: '/volumes',
      query: { filters },
    });
    return (volumes ?? []).map(volumeJson);
  }

  async inspect(name: string) {
    const missing = `get ${name}: no such volume`;
    return volumeJson(await this.ask<EngineVolume>({ method: 'GET', path: pathOf(name), missing }));
  }

  /** One that is there already is answered as it is. */
  async create({ name, driver, options, labels }: VolumeRequest) {
    const known = name === '' ? undefined : await this.find(name);
    if (known) {
      if (known.Driver === driver) return known;
      throw conflict(`volume already exists: create ${name}: it is there with driver ${known.Driver}`);
    }
    const given = name === '' ? anonymousName() : name;
    await this.made.make({ name: given, driver, options, labels });
    return this.inspect(given);
  }

  /** @param force one that is not there is no error */
  async remove(name: string, force: boolean): Promise<void> {
    const known = await this.find(name);
    if (!known && force) return;
    if (!known) throw notFound(`get ${name}: no such volume`);
    const users = this.users(name);
    if (users.length > 0) throw conflict(`remove ${name}: volume is in use - [${users.join(', ')}]`);
    if (this.store.get('volume', name)) await this.removeRow(name);
    else await this.removeFromEngine(name);
    this.log.record('volume', 'destroy', { id: name, attributes: { driver: known.Driver } });
  }

  /** Volumes that no container has. @param meant which of them, and named ones only where they are asked for */
  async prune(all: boolean, meant: (volume: ReturnType<typeof volumeJson>) => boolean) {
    const sizes = await this.usage();
    const deleted: string[] = [];
    for (const volume of await this.list(true)) {
      if (!(all || isAnonymous(volume.Name)) || !meant(volume)) continue;
      try {
        await this.remove(volume.Name, true);
        deleted.push(volume.Name);
      } catch (error) {
        // Somebody uses it by now.
        if (!SkepError.is(error, 'conflict')) throw error;
      }
    }
    const reclaimed = deleted.reduce((sum, name) => sum + (sizes.get(name)?.Size ?? 0), 0);
    this.log.pruned('volume', reclaimed);
    return { VolumesDeleted: deleted, SpaceReclaimed: reclaimed };
  }

  /** Bytes and number of containers, by volume. */
  async usage(): Promise<Map<string, { Size: number; RefCount: number }>> {
    const { Volumes: volumes } = await this.ask<{
      Volumes: (EngineVolume & { UsageData?: { Size: number; RefCount: number } })[] | null;
    }>({ method: 'GET', path: '/system/df' });
    return new Map((volumes ?? []).flatMap(({ Name, UsageData }) => (UsageData ? [[Name, UsageData]] : [])));
  }

  private async find(name: string) {
    try {
      return await this.inspect(name);
    } catch (error) {
      if (SkepError.is(error, 'not_found')) return undefined;
      throw error;
    }
  }

  private async removeRow(name: string): Promise<void> {
    const concerns = {
      concerns: (action: object) => 'volume' in action && (action.volume as { name: string }).name === name,
    };
    await follow(this.reconciler, concerns, () =>
      this.store.transact((view) => {
        const row = view.get('volume', name)?.value;
        return {
          changes: row ? [{ op: 'put', kind: 'volume', value: { ...row, target: 'removed' } }] : [],
          result: undefined,
        };
      }),
    );
  }

  private async removeFromEngine(name: string): Promise<void> {
    await callEngine(this.engine.socketPath, { method: 'DELETE', path: pathOf(name) });
    this.world.noteVolume(name, false);
  }

  /** Ids of the containers that have it, or will when they are made. */
  private users(name: string): string[] {
    const has = (id: string) => this.world.container(id)?.mounts.some((mount) => mount.name === name);
    return this.directory
      .all()
      .filter((each) => has(each.id) || mountedVolumes(each).has(name))
      .map(({ id }) => id);
  }

  private ask<T>(call: EngineCall): Promise<T> {
    return askEngine<T>(this.engine.socketPath, call);
  }
}

function pathOf(name: string): string {
  return `/volumes/${encoded(name)}`;
}
