import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { z } from 'zod';
import { Filters, flag, labelFits, nameFits, parseBody, text, textMap } from '#lib/http';
import { checkVolumeName } from '../../volumes/mounts.js';
import { VolumesService } from './volumes.service.js';

const createBody = z.looseObject({ Name: text, Driver: text, DriverOpts: textMap, Labels: textMap });

@Controller('volumes')
export class VolumesController {
  constructor(private readonly volumes: VolumesService) {}

  @Get()
  async list(@Query('filters') query: string | undefined) {
    const filters = Filters.parse(query, ['dangling', 'driver', 'label', 'name']);
    const volumes = await this.volumes.list(filters.boolean('dangling'));
    return {
      Volumes: volumes.filter(
        ({ Name, Driver, Labels }) =>
          filters.any('name', (wanted) => nameFits(Name, wanted)) &&
          filters.any('driver', (wanted) => Driver === wanted) &&
          filters.every('label', (wanted) => labelFits(Labels ?? {}, wanted)),
      ),
      Warnings: null,
    };
  }

  @Post('create')
  @HttpCode(201)
  async create(@Body() raw: unknown) {
    const { Name: name = '', Driver: driver = '', DriverOpts: options, Labels: labels } = parseBody(createBody, raw);
    if (name !== '') checkVolumeName(name);
    return this.volumes.create({ name, driver: driver || 'local', options, labels });
  }

  /** As Docker since API 1.42: named volumes only with `all`. */
  @Post('prune')
  @HttpCode(200)
  async prune(@Query('filters') query: string | undefined) {
    const filters = Filters.parse(query, ['all', 'label', 'label!']);
    return this.volumes.prune(filters.boolean('all') ?? false, ({ Labels }) => {
      const labels = Labels ?? {};
      return (
        filters.every('label', (wanted) => labelFits(labels, wanted)) &&
        filters.every('label!', (unwanted) => !labelFits(labels, unwanted))
      );
    });
  }

  @Get(':name')
  async inspect(@Param('name') name: string) {
    return this.volumes.inspect(name);
  }

  @Delete(':name')
  @HttpCode(204)
  async remove(@Param('name') name: string, @Query('force') force: string | undefined) {
    await this.volumes.remove(name, flag(force));
  }
}
