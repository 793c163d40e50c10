import { Inject, Injectable } from '@nestjs/common';
import { freshStatus, type Container } from '#lib/domain';
import type { Store } from '#lib/store';
import { STORE } from '../node/tokens.js';
import { Images } from './images.js';

/** Health checks of containers that were written down before anybody knew what their image adds to them. */
@Injectable()
export class ImageChecks {
  constructor(
    @Inject(STORE) private readonly store: Store,
    private readonly images: Images,
  ) {}

  /**
   * Before a container's start, when its image is here: what it was asked to check and what its image adds become its
   * health check. It is not healthy until that has passed, so check and health are written at once.
   * @param image the container's; its name may be another one's by now
   * @returns the container with the check that holds
   */
  async settled(container: Container, image: string): Promise<Container> {
    if (!container.askedHealthcheck) return container;
    const healthcheck = await this.images.healthcheck(image, container.askedHealthcheck);
    // There is nothing to check, and that is what is written already.
    const known = this.store.get('status', container.id)?.value.health;
    if (!healthcheck && known === freshStatus(container).health) return container;
    return this.store.transact((view) => {
      const row = view.get('container', container.id)?.value;
      // The container of the step is as it was when that was planned.
      if (!row?.askedHealthcheck) return { changes: [], result: row ?? container };
      const { askedHealthcheck: _asked, ...rest } = row;
      const value: Container = { ...rest, healthcheck };
      const { health, failingStreak } = freshStatus(value);
      const status = view.get('status', value.id)?.value ?? freshStatus(value);
      return {
        changes: [
          { op: 'put', kind: 'container', value },
          { op: 'put', kind: 'status', value: { ...status, health, failingStreak } },
        ],
        result: value,
      };
    });
  }
}
