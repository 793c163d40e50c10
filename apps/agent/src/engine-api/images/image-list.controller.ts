import { Controller, Delete, Get, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import type { Response } from 'express';
import { SkepError } from '#lib/common';
import { before, Filters, flag } from '#lib/http';
import { encoded } from '../passthrough/route.js';
import { EngineImages } from './engine-images.js';
import { filteredImages, IMAGE_FILTERS } from './image-filters.js';
import { ImagePrune, IMAGE_PRUNE_FILTERS } from './image-prune.js';
import { LayerSizes } from './layer-sizes.js';
import { ImageUsage } from './image-usage.js';
import { ImageEvents } from './image-events.js';
import { checkRemoval, removedImages, type Removed, type User } from './removal.js';
import { noSuchImage, parseReference, toText } from './reference.js';
import { imageId, type InspectedImage, withNone } from './views.js';

/** What concerns images and the containers that are made of them. */
@Controller('images')
export class ImageListController {
  constructor(
    private readonly images: EngineImages,
    private readonly layers: LayerSizes,
    private readonly pruning: ImagePrune,
    private readonly usage: ImageUsage,
    private readonly events: ImageEvents,
  ) {}

  @Get('json')
  async list(
    @Query() query: Record<'all' | 'filters' | 'filter' | 'shared-size', string | undefined>,
    @Res({ passthrough: true }) response: Response,
  ) {
    const filters = Filters.parse(query.filters, IMAGE_FILTERS);
    const fitting = filteredImages(await this.images.list(flag(query.all)), filters, Date.now());
    const images = before(response, '1.43') ? fitting.map(withNone) : fitting;
    images.sort((a, b) => b.Created - a.Created);
    if (!flag(query['shared-size'])) return images;
    const sizes = await this.layers.measure(images.map((image) => image.Id));
    return images.map((image) => ({ ...image, SharedSize: sizes.shared.get(image.Id) ?? 0 }));
  }

  @Post('prune')
  @HttpCode(200)
  async prune(@Query('filters') text: string | undefined) {
    return this.pruning.prune(Filters.parse(text, IMAGE_PRUNE_FILTERS));
  }

  @Post('*name/tag')
  @HttpCode(201)
  async tag(@Param('name') segments: string | string[], @Query() query: Record<'repo' | 'tag', string | undefined>) {
    const name = [segments].flat().join('/');
    const reference = parseReference(query.repo ?? '', query.tag);
    const { Id } = await this.images.inspect(name);
    await this.images.call({
      method: 'POST',
      path: `/images/${encoded(name)}/tag`,
      query: { repo: reference.repository, tag: reference.tag },
    });
    this.events.happened('tag', imageId(Id), toText(reference));
  }

  @Delete('*name')
  async remove(@Param('name') segments: string | string[], @Query() query: Record<string, string | undefined>) {
    const name = [segments].flat().join('/');
    const image = await this.images.inspect(name);
    const force = flag(query['force']);
    const inUse = checkRemoval(name, image, this.users(image), force);
    if (inUse) return this.untag(image);
    try {
      const removed = await this.images.ask<Parameters<typeof removedImages>[0]>({
        method: 'DELETE',
        path: `/images/${encoded(name)}`,
        query: { force: String(force), noprune: query['noprune'] },
        missing: noSuchImage(name),
      });
      return this.told(image, removedImages(removed));
    } catch (error) {
      throw SkepError.is(error, 'internal') ? new SkepError('conflict', `conflict: ${error.message}`) : error;
    }
  }

  /** Engines would take the containers, too: the image stays for them, without its names. */
  private async untag(image: InspectedImage) {
    const tags = image.RepoTags ?? [];
    await this.images.untag(tags);
    return this.told(image, removedImages(tags.map((Untagged) => ({ Untagged }))));
  }

  private told(image: InspectedImage, removed: Removed[]): Removed[] {
    this.events.removed(imageId(image.Id), removed);
    return removed;
  }

  private users(image: InspectedImage): User[] {
    return this.usage.of(imageId(image.Id)).map(({ container, seen }) => ({
      id: container.id,
      running: seen?.state === 'running' || seen?.state === 'paused',
    }));
  }
}
