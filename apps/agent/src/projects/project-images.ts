import { Injectable } from '@nestjs/common';
import type { ProgressEvent, UpRequest } from '#lib/contracts';
import type { Container } from '#lib/domain';
import { Images, type ImageFacts } from '../images/images.js';

/** The images of the containers that an `up` asks for. */
@Injectable()
export class ProjectImages {
  constructor(private readonly images: Images) {}

  /** Those that are missing, or are to be asked for each time. */
  async pull(
    containers: readonly Container[],
    auth: UpRequest['registryAuth'] = {},
    { emit }: { emit: (event: ProgressEvent) => void },
  ): Promise<void> {
    const startedAt = Date.now();
    const wanted = new Map(containers.map((container) => [container.spec.Image, container.pullPolicy]));
    for (const [name, policy] of wanted) {
      if (policy === 'never' || !(await this.images.missing(name, policy))) continue;
      const tell = (state: string, done: boolean) =>
        emit({ type: 'progress', resource: 'image', name, state, done, elapsedMs: Date.now() - startedAt });
      tell('Pulling', false);
      await this.images.pull(name, auth[name]);
      tell('Pulled', true);
    }
  }

  /** What their images are now, by name; undefined: not here. */
  async look(containers: readonly Container[]): Promise<ReadonlyMap<string, ImageFacts | undefined>> {
    const names = [...new Set(containers.map((container) => container.spec.Image))];
    return new Map(await Promise.all(names.map(async (name) => [name, await this.images.facts(name)] as const)));
  }
}
