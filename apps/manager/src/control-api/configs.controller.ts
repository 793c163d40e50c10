import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import type { ClusterStore } from '#lib/store';
import { STORE } from '../cluster/tokens.js';
import { SealedObjects } from './sealed-objects.js';

@Controller('configs')
export class ConfigsController {
  private readonly objects: SealedObjects;

  constructor(@Inject(STORE) store: ClusterStore) {
    this.objects = new SealedObjects('config', store, (data) => data, true);
  }

  @Get()
  list(@Query('filters') filters: string | undefined) {
    return this.objects.list(filters);
  }

  @Get(':name')
  inspect(@Param('name') name: string) {
    return this.objects.inspect(name);
  }

  @Post('create')
  @HttpCode(201)
  create(@Body() body: unknown) {
    return this.objects.create(body);
  }

  @Post(':name/update')
  @HttpCode(200)
  update(@Param('name') name: string, @Query('version') version: string | undefined, @Body() body: unknown) {
    return this.objects.update(name, version, body);
  }

  @Delete(':name')
  @HttpCode(204)
  remove(@Param('name') name: string) {
    return this.objects.remove(name);
  }
}
