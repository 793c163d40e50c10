import { expect, it } from 'vitest';
import { streamFrame } from './stream-frame.js';

it('a frame has the number of its stream and its length in bytes', () => {
  expect(streamFrame(2, 'ü\n')).toEqual(Buffer.from([2, 0, 0, 0, 0, 0, 0, 3, 0xc3, 0xbc, 10]));
});
