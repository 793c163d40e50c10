import { Injectable } from '@nestjs/common';
import { SkepError } from '#lib/common';
import { type Filters, prunable, PRUNE_FILTERS } from '#lib/http';
import { encoded } from '../passthrough/route.js';
import { EngineImages } from './engine-images.js';
import { ImageEvents } from './image-events.js';
import { isDangling } from './image-filters.js';
import { ImageUsage } from './image-usage.js';
import { LayerSizes } from './layer-sizes.js';
import { removedImages, type Removed } from './removal.js';
import { imageId } from './views.js';

export const IMAGE_PRUNE_FILTERS = ['dangling', ...PRUNE_FILTERS];

/** `docker image prune`: images without names, and with `dangling=false` all that no container is made of. */
@Injectable()
export class ImagePrune {
  constructor(
    private readonly images: EngineImages,
    private readonly layers: LayerSizes,
    private readonly usage: ImageUsage,
    private readonly events: ImageEvents,
  ) {}

  async prune(filters: Filters): Promise<{ ImagesDeleted: Removed[]; SpaceReclaimed: number }> {
    const onlyDangling = filters.boolean('dangling') ?? true;
    const fits = prunable(filters, Date.now());
    const used = this.usage.all();
    const before = await this.images.list(true);
    const size = await this.sizeOf(before);
    const removed: Removed[] = [];
    const gone = new Set<string>();
    // The newest first: nothing is removed before what was built on it.
    for (const image of before.toSorted((a, b) => b.Created - a.Created)) {
      const meant =
        (isDangling(image) || !onlyDangling) &&
        !used.has(image.Id) &&
        !before.some((other) => other.ParentId === image.Id && !gone.has(other.Id)) &&
        fits({ labels: image.Labels ?? {}, createdAt: new Date(image.Created * 1000).toISOString() });
      if (!meant) continue;
      for (const name of image.RepoTags.length > 0 ? image.RepoTags : [image.Id]) {
        const taken = await this.remove(name);
        removed.push(...taken);
        this.events.removed(image.Id, removedImages(taken));
        for (const { Deleted } of taken) if (Deleted) gone.add(imageId(Deleted));
      }
    }
    const left = removed.length === 0 ? size : await this.sizeOf(await this.images.list(true));
    const reclaimed = Math.max(0, size - left);
    this.events.pruned(reclaimed);
    return { ImagesDeleted: removedImages(removed), SpaceReclaimed: reclaimed };
  }

  /** What is in use after all, by a build or as the ground of another image, stays. */
  private async remove(name: string): Promise<Removed[]> {
    try {
      return await this.images.ask<Removed[]>({ method: 'DELETE', path: `/images/${encoded(name)}` });
    } catch (error) {
      if (SkepError.is(error, 'conflict') || SkepError.is(error, 'not_found') || SkepError.is(error, 'internal'))
        return [];
      throw error;
    }
  }

  private async sizeOf(images: readonly { Id: string }[]): Promise<number> {
    return (await this.layers.measure(images.map((image) => image.Id))).total;
  }
}
