import { Body, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import type { SealedObjects } from './sealed-objects.js';

/** The endpoints of one kind of sealed objects; the class below it says which kind, and where. */
export abstract class SealedObjectsController {
  protected abstract readonly objects: SealedObjects;

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
