import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import type { Response } from 'express';
import { z } from 'zod';
import { before, Filters, flag, labelFits, nameFits, parseBody, text, textMap } from '#lib/http';
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

  /** Named volumes only with `all`; before API 1.42 there was no such filter, and they always went. */
  @Post('prune')
  @HttpCode(200)
  async prune(@Query('filters') query: string | undefined, @Res({ passthrough: true }) response: Response) {
    const filters = Filters.parse(query, ['all', 'label', 'label!']);
    const all = before(response, '1.42') || (filters.boolean('all') ?? false);
    return this.volumes.prune(all, ({ Labels }) => {
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
