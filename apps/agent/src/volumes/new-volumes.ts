import { Inject, Injectable } from '@nestjs/common';
import { invalid, messageOf, notFound, Semaphore } from '#lib/common';
import type { VolumeRequest } from '#lib/domain';
import type { Engine } from '#lib/engine';
import { EventLog } from '../events/event-log.js';
import { ENGINE } from '../node/tokens.js';
import { World } from '../world/world.js';

/** Volumes that somebody describes become the engine's; nothing makes them again when they are gone. */
@Injectable()
export class NewVolumes {
  /** Two that miss one volume do not both make it. */
  private readonly missing = new Semaphore(1);

  constructor(
    @Inject(ENGINE) private readonly engine: Engine,
    private readonly world: World,
    private readonly log: EventLog,
  ) {}

  /** @throws what the engine says against it, in Docker's words */
  async make(volume: VolumeRequest): Promise<void> {
    const { name, driver } = volume;
    try {
      await this.engine.createVolume(volume);
    } catch (error) {
      throw volumeRefusal(name, driver, error);
    }
    this.world.noteVolume(name, true);
    this.log.record('volume', 'create', { id: name, attributes: { driver } });
  }

  /** Those that are there already stay as they are. */
  async makeMissing(volumes: readonly VolumeRequest[]): Promise<void> {
    if (volumes.length === 0) return;
    await this.missing.run(async () => {
      const known = new Set(await this.engine.listVolumes());
      for (const volume of volumes) if (!known.has(volume.name)) await this.make(volume);
    });
  }
}

/** In Docker's words. */
function volumeRefusal(name: string, driver: string, error: unknown): unknown {
  const words = messageOf(error);
  if (/plugin/.test(words)) {
    return notFound(`create ${name}: error looking up volume plugin ${driver}: plugin "${driver}" not found`);
  }
  const option = /invalid mount option (\S+) for driver/.exec(words)?.[1];
  return option === undefined ? error : invalid(`create ${name}: invalid option: "${option}"`, error);
}
