import { Inject, Injectable } from '@nestjs/common';
import { invalid, notFound } from '#lib/common';
import { DRIVER_ALIASES, type Network } from '#lib/domain';
import type { Store } from '#lib/store';
import { STORE } from '../node/tokens.js';

/** The node's networks, and how people and tools name them. */
@Injectable()
export class NetworkDirectory {
  constructor(@Inject(STORE) private readonly store: Store) {}

  all(view: Pick<Store, 'list'> = this.store): Network[] {
    return view.list('network').filter((network) => network.target === 'present');
  }

  /**
   * By full id, name, or unique prefix of the id. Where no network has that name, Docker's names of its default network
   * (`bridge`, `default`) mean `nat`. Errors in Docker's words.
   */
  find(idOrName: string, view: Pick<Store, 'list'> = this.store): Network {
    const all = this.all(view);
    const exact = all.find((network) => network.id === idOrName) ?? all.find((network) => network.name === idOrName);
    if (exact) return exact;
    const byPrefix = idOrName === '' ? [] : all.filter((network) => network.id.startsWith(idOrName));
    if (byPrefix.length > 1) {
      throw invalid(`network ${idOrName} is ambiguous (${byPrefix.length} matches found based on ID prefix)`);
    }
    const found = byPrefix[0] ?? all.find((network) => network.name === DRIVER_ALIASES[idOrName]);
    if (found) return found;
    throw notFound(`network ${idOrName} not found`);
  }
}
