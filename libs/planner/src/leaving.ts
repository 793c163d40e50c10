import { groupBy } from '#lib/common';
import type { Container } from '#lib/domain';

/** The containers that leave, by what others wait for until they have left. */
export class Leaving {
  private readonly all: readonly Container[];
  private readonly byPlace: ReadonlyMap<string | undefined, readonly Container[]>;

  constructor(containers: readonly Container[]) {
    this.all = containers.filter((each) => each.target === 'removed');
    this.byPlace = groupBy(this.all, placeOf);
  }

  /** Those in whose place it comes. Both may write the same volumes, and never do so at the same time. */
  before(container: Container): readonly Container[] {
    const place = placeOf(container);
    return place === undefined ? [] : (this.byPlace.get(place) ?? []);
  }

  /** Those that may still hold an address of it. */
  withAddressOf(container: Container): readonly Container[] {
    return this.all.filter((other) => sharesAddress(other, container));
  }
}

/** Which replica of which service it is, whatever its name; undefined: of none. */
function placeOf({ project, service, number }: Container): string | undefined {
  return project && service ? `${project}/${service}/${number ?? 1}` : undefined;
}

function sharesAddress(a: Container, b: Container): boolean {
  return a.endpoints.some((x) =>
    b.endpoints.some(
      (y) => x.networkId === y.networkId && ((x.ipv4 && x.ipv4 === y.ipv4) || (x.ipv6 && x.ipv6 === y.ipv6)),
    ),
  );
}
