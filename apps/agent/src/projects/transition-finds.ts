import { newId } from '#lib/common';
import type { ObservedContainer } from '#lib/domain';
import type { ImageFacts } from '../images/images.js';

export type IdOf = (name: string) => string;

/** What was looked up for a transition before it. */
export interface TransitionFinds {
  idOf: IdOf;
  /** names of the engine's volumes */
  volumes: ReadonlySet<string>;
  /** of the images that are here, by their names; absent: it does not count yet what they are */
  images?: ReadonlyMap<string, ImageFacts | undefined>;
  /** the engine's containers that the world knows too little of, by our ids */
  looked?: ReadonlyMap<string, ObservedContainer>;
}

/** Ids for containers that are made in one request, however often it is decided. */
export function idsByName(): IdOf {
  const ids = new Map<string, string>();
  return (name) => {
    const id = ids.get(name) ?? newId();
    ids.set(name, id);
    return id;
  };
}
