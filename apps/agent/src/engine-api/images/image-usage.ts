import { Injectable } from '@nestjs/common';
import { ContainerDirectory, type KnownContainer } from '../../containers/container-directory.js';
import { imageId } from './views.js';

/** Which containers of the node are made of which image. */
@Injectable()
export class ImageUsage {
  constructor(private readonly directory: ContainerDirectory) {}

  /** @param id with its algorithm */
  of(id: string): KnownContainer[] {
    return this.all().get(id) ?? [];
  }

  /** Containers by image id. */
  all(): Map<string, KnownContainer[]> {
    const users = new Map<string, KnownContainer[]>();
    for (const container of this.directory.all()) {
      const known = this.directory.about(container);
      const id = imageId(known.seen?.imageId);
      users.set(id, [...(users.get(id) ?? []), known]);
    }
    return users;
  }
}
