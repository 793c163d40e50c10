import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import type { ClusterStore } from '#lib/store';
import type { ClusterKey } from '../cluster/cluster-key.js';
import { KEY, STORE } from '../cluster/tokens.js';
import { SealedObjects } from './sealed-objects.js';

@Controller('secrets')
export class SecretsController {
  private readonly objects: SealedObjects;

  constructor(@Inject(STORE) store: ClusterStore, @Inject(KEY) key: ClusterKey) {
    this.objects = new SealedObjects('secret', store, (data) => key.seal(Buffer.from(data, 'base64')), false);
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
