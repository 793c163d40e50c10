import { Controller, Get, Inject, Query } from '@nestjs/common';
import { invalid, notFound } from '#lib/common';
import type { LookupView, ResolverClient } from '#lib/contracts';
import type { Store } from '#lib/store';
import { RESOLVER, STORE } from '../node/tokens.js';

const TYPES = ['A', 'AAAA', 'PTR', 'SRV'];

/** What the resolver would answer to a container, and why. */
@Controller('skep/v1/dns')
export class DnsController {
  constructor(
    @Inject(STORE) private readonly store: Store,
    @Inject(RESOLVER) private readonly resolver: ResolverClient,
  ) {}

  @Get('lookup')
  async lookup(@Query('name') name = '', @Query('from') from = '', @Query('type') type = 'A'): Promise<LookupView> {
    if (name === '') throw invalid('name: which name is to be looked up?');
    const wanted = type.toUpperCase();
    if (!TYPES.includes(wanted)) throw invalid(`type ${type}: expected one of ${TYPES.join(', ')}`);
    const asker = this.store
      .list('container')
      .find((each) => each.target !== 'removed' && (each.name === from || (from !== '' && each.id.startsWith(from))));
    if (!asker) throw notFound(`No such container: ${from}`);
    if (asker.networkMode !== 'bridged')
      throw invalid(`container ${asker.name} has no network of its own to look names up from`);
    const said = await this.resolver.explain({ sandboxId: asker.id, name, type: wanted });
    return { name, type: wanted, from: asker.name, ...said };
  }
}
