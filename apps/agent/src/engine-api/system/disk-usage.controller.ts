import { Controller, Get, Query, Res } from '@nestjs/common';
import type { Response } from 'express';
import { invalid } from '#lib/common';
import { ContainerViews } from '../containers/container-views.js';
import { before, Filters } from '#lib/http';
import { EngineImages } from '../images/engine-images.js';
import { ImageUsage } from '../images/image-usage.js';
import { LayerSizes } from '../images/layer-sizes.js';
import { withNone } from '../images/views.js';
import { VolumesService } from '../volumes/volumes.service.js';

const TYPES = ['container', 'image', 'volume', 'build-cache'];

/** `docker system df`. */
@Controller('system/df')
export class DiskUsageController {
  constructor(
    private readonly views: ContainerViews,
    private readonly images: EngineImages,
    private readonly layers: LayerSizes,
    private readonly usage: ImageUsage,
    private readonly volumes: VolumesService,
  ) {}

  @Get()
  async usageOf(@Query('type') type: string | string[] | undefined, @Res({ passthrough: true }) response: Response) {
    const types = type === undefined ? TYPES : [type].flat();
    const unknown = types.find((each) => !TYPES.includes(each));
    if (unknown !== undefined) throw invalid(`unknown object type: ${unknown}: expected ${TYPES.join(', ')}`);
    const has = (name: string) => types.includes(name);
    return {
      ...(has('image') && (await this.ofImages(before(response, '1.43')))),
      ...(has('container') && { Containers: await this.ofContainers() }),
      ...(has('volume') && { Volumes: await this.ofVolumes() }),
      // What a build finds again are images.
      ...(has('build-cache') && { BuildCache: [], BuilderSize: 0 }),
    };
  }

  private async ofImages(older: boolean) {
    const listed = await this.images.list();
    const images = older ? listed.map(withNone) : listed;
    const { shared, total } = await this.layers.measure(images.map((image) => image.Id));
    const users = this.usage.all();
    return {
      LayersSize: total,
      Images: images.map((image) => ({
        ...image,
        Containers: users.get(image.Id)?.length ?? 0,
        SharedSize: shared.get(image.Id) ?? 0,
      })),
    };
  }

  private ofContainers() {
    const all = { filters: Filters.parse(undefined, []), all: true, limit: undefined };
    return this.views.list(all, { size: true, aliasesWithId: false });
  }

  private async ofVolumes() {
    const [volumes, usage] = await Promise.all([this.volumes.list(), this.volumes.usage()]);
    return volumes.map((volume) => ({ ...volume, UsageData: usage.get(volume.Name) ?? { Size: -1, RefCount: -1 } }));
  }
}
