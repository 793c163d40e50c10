import { describe, expect, it } from 'vitest';
import { layersOf, measuredLayers } from './layer-sizes.js';

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
