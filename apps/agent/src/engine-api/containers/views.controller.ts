import { Controller, Get, Param, Query, Res } from '@nestjs/common';
import type { Response } from 'express';
import { notFound } from '#lib/common';
import { Filters, before, flag, integer } from '#lib/http';
import { ContainerViews } from './container-views.js';
import { LIST_FILTERS } from './list-query.js';

type QueryOf = Record<string, string | undefined>;

/** What shows containers: GET /containers/… */
@Controller('containers')
export class ContainerViewsController {
  constructor(private readonly views: ContainerViews) {}

  @Get('json')
  list(@Query() query: QueryOf, @Res({ passthrough: true }) response: Response) {
    const limit = integer('limit', query['limit']);
    const filters = Filters.parse(query['filters'], LIST_FILTERS);
    const wanted = { filters, all: flag(query['all']), limit: limit !== undefined && limit > 0 ? limit : undefined };
    return this.views.list(wanted, optionsOf(query, response));
  }

  @Get(':name/json')
  inspect(@Param('name') name: string, @Query() query: QueryOf, @Res({ passthrough: true }) response: Response) {
    return this.views.inspect(name, optionsOf(query, response));
  }

  /** What may also be the name of an image is asked for here first by clients that look for anything of that name. */
  @Get('*name/json')
  path(@Param('name') name: string[]): never {
    throw notFound(`No such container: ${name.join('/')}`);
  }
}

function optionsOf(query: QueryOf, response: Response) {
  return { size: flag(query['size']), aliasesWithId: before(response, '1.45') };
}
