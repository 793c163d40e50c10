import { readdir } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Namespace, Segment } from './namespaces.js';

describe('the segment that the tests stand on', () => {
  let segment: Segment;
  let machines: Namespace[];

  beforeEach(async () => {
    segment = await Segment.create();
    machines = [await segment.attach(), await segment.attach()];
  });
  afterEach(() => segment.remove());

  it('joins the machines and the outside', async () => {
    const [one, two] = machines as [Namespace, Namespace];
    await one.must('ping', ['-c', '1', '-W', '2', segment.outside.address]);
    await one.must('ping', ['-c', '1', '-W', '2', two.address]);
    expect(one.address).toMatch(/^10\.99\.\d+\.1$/);
  });

  it('leaves nothing behind', async () => {
    await segment.remove();
    const names = (await readdir('/run/netns')).filter((name) =>
      [...machines, segment.outside].some((one) => one.name === name),
    );
    expect(names).toEqual([]);
  });
});
