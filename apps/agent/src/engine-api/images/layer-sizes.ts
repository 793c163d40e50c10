import { Injectable } from '@nestjs/common';
import { SkepError } from '#lib/common';
import { encoded } from '../passthrough/route.js';
import { EngineImages } from './engine-images.js';
import type { HistoryEntry } from './views.js';

export interface MeasuredLayers {
  /** bytes of an image's layers that another image has, too, by image id */
  shared: ReadonlyMap<string, number>;
  /** bytes of all layers, each counted once */
  total: number;
}

/** Layers of an image from the lowest up, and how many bytes each adds. */
interface Stack {
  id: string;
  layers: { digest: string; bytes: number }[];
}

/** So many images are asked for at once. */
const AT_ONCE = 8;

/** How many bytes images have in common. Costs two requests an image. */
@Injectable()
export class LayerSizes {
  constructor(private readonly images: EngineImages) {}

  async measure(ids: readonly string[]): Promise<MeasuredLayers> {
    const left = [...new Set(ids)];
    const stacks: Stack[] = [];
    while (left.length > 0) {
      const some = await Promise.all(left.splice(0, AT_ONCE).map((id) => this.stack(id)));
      stacks.push(...some.filter((stack) => stack !== undefined));
    }
    return measuredLayers(stacks);
  }

  /** Undefined: it has gone since it was listed. */
  private async stack(id: string): Promise<Stack | undefined> {
    try {
      const [image, history] = await Promise.all([
        this.images.inspect(id),
        this.images.ask<HistoryEntry[]>({ method: 'GET', path: `/images/${encoded(id)}/history` }),
      ]);
      return { id, layers: layersOf(image.RootFS?.Layers ?? [], history, image.Size) };
    } catch (error) {
      if (SkepError.is(error, 'not_found')) return undefined;
      throw error;
    }
  }
}

/**
 * A history tells sizes without layers: its entries that add bytes are the layers, from the last to the first. Where
 * their numbers differ the lowest layer stands for the whole image.
 */
export function layersOf(digests: readonly string[], history: readonly HistoryEntry[], size: number): Stack['layers'] {
  const sizes = history
    .map((entry) => entry.Size)
    .filter((bytes) => bytes > 0)
    .toReversed();
  if (sizes.length === digests.length) return digests.map((digest, at) => ({ digest, bytes: sizes[at]! }));
  return digests.map((digest, at) => ({ digest, bytes: at === 0 ? size : 0 }));
}

export function measuredLayers(stacks: readonly Stack[]): MeasuredLayers {
  const users = new Map<string, number>();
  const bytes = new Map<string, number>();
  const chains = stacks.map(({ id, layers }) => ({ id, layers: chained(layers) }));
  for (const { layers } of chains) {
    for (const layer of layers) {
      users.set(layer.chain, (users.get(layer.chain) ?? 0) + 1);
      bytes.set(layer.chain, layer.bytes);
    }
  }
  const sharedOf = (layers: ReturnType<typeof chained>) =>
    layers.reduce((sum, { chain, bytes: own }) => (users.get(chain)! > 1 ? sum + own : sum), 0);
  return {
    shared: new Map(chains.map(({ id, layers }) => [id, sharedOf(layers)])),
    total: [...bytes.values()].reduce((sum, each) => sum + each, 0),
  };
}

/** A layer is the same only above the same layers. */
function chained(layers: Stack['layers']): { chain: string; bytes: number }[] {
  let chain = '';
  return layers.map(({ digest, bytes }) => ({ chain: (chain += ` ${digest}`), bytes }));
}
