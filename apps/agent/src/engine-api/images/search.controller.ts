import { Controller, Get, Headers, Query } from '@nestjs/common';
import { SkepError } from '#lib/common';
import { Filters } from '#lib/http';
import { EngineImages } from './engine-images.js';
import {
  type FoundImage,
  foundImage,
  type PodmansFoundImage,
  SEARCH_FILTERS,
  searchFilter,
  searchTerm,
} from './search.js';

/** `docker search`: the engine asks the registry. */
@Controller('images/search')
export class SearchController {
  constructor(private readonly images: EngineImages) {}

  @Get()
  async search(
    @Query() { term = '', limit, filters }: Partial<Record<'term' | 'limit' | 'filters', string>>,
    @Headers('x-registry-auth') auth: string | undefined,
  ): Promise<FoundImage[]> {
    const fits = searchFilter(Filters.parse(filters, SEARCH_FILTERS));
    return (await this.found({ term: searchTerm(term), limit }, auth)).filter(fits);
  }

  /** Podman's answer where there is none is 404. */
  private async found(query: Record<string, string | undefined>, auth = ''): Promise<FoundImage[]> {
    try {
      const found = await this.images.ask<(FoundImage | PodmansFoundImage)[] | null>({
        method: 'GET',
        path: '/images/search',
        query,
        headers: auth === '' ? {} : { 'X-Registry-Auth': auth },
      });
      return (found ?? []).map(foundImage);
    } catch (error) {
      if (SkepError.is(error, 'not_found')) return [];
      throw error;
    }
  }
}
