import { describe, expect, it } from 'vitest';
import { notFound } from '#lib/common';
import type { EngineImages } from './engine-images.js';
import { LayerSizes, layersOf, measuredLayers } from './layer-sizes.js';

const entry = (Size: number) => ({ Id: '', Created: 0, CreatedBy: '', Tags: null, Size, Comment: '' });

describe('what images have in common', () => {
  it('finds the sizes of layers in the history', () => {
    expect(layersOf(['low', 'high'], [entry(0), entry(5), entry(0), entry(100)], 105)).toEqual([
      { digest: 'low', bytes: 100 },
      { digest: 'high', bytes: 5 },
    ]);
    expect(layersOf(['low', 'high'], [entry(5)], 105)).toEqual([
      { digest: 'low', bytes: 105 },
      { digest: 'high', bytes: 0 },
    ]);
  });

  it('leaves out images that go meanwhile, and asks for a few at a time', async () => {
    let asked = 0;
    let most = 0;
    const images = {
      inspect: async (id: string) => {
        most = Math.max(most, ++asked);
        await new Promise((resolve) => setImmediate(resolve));
        asked--;
        if (id === 'gone') throw notFound('No such image: gone');
        return { RootFS: { Layers: ['base'] }, Size: 7 };
      },
      ask: async () => [entry(7)],
    } as unknown as EngineImages;
    const ids = Array.from({ length: 50 }, (_, n) => `image${n}`);
    const { shared, total } = await new LayerSizes(images).measure(['gone', ...ids]);
    expect([shared.size, total]).toEqual([50, 7]);
    expect(most).toBeLessThanOrEqual(8);
  });

  it('counts a layer once, and only where it lies on the same ones', () => {
    const [base, top] = [
      { digest: 'base', bytes: 100 },
      { digest: 'top', bytes: 5 },
    ];
    const { shared, total } = measuredLayers([
      { id: 'a', layers: [base, top] },
      { id: 'b', layers: [base] },
      { id: 'c', layers: [top] },
    ]);
    expect(Object.fromEntries(shared)).toEqual({ a: 100, b: 100, c: 0 });
    expect(total).toBe(110);
  });
});
