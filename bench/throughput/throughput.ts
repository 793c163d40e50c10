import { Lab } from '../../libs/drivers/src/testing/lab.js';
import type { Comparison, Measure } from '../measure.js';
import { takeTurns } from '../turns.js';
import { byHand } from './by-hand.js';
import { bySkep } from './by-skep.js';
import { listenAt, throughput } from './iperf.js';
import { measureOverlay } from './overlay.js';
import { DRIVERS, type Driver } from './topology.js';

/**
 * One TCP connection from a host outside into a container of each driver. Two nodes on one segment: on one the network
 * is made by the drivers, on the other by hand. There is no engine and no agent: what is measured is the kernel's path.
 */
export const measureThroughput: Measure = async (_stage, { rounds }) => {
  const comparisons: Comparison[] = [];
  for (const driver of DRIVERS) comparisons.push(await measureDriver(driver, rounds));
  comparisons.push(await measureOverlay(rounds));
  return comparisons;
};

async function measureDriver(driver: Driver, rounds: number): Promise<Comparison> {
  const lab = new Lab();
  let remove: (() => Promise<void>) | undefined;
  try {
    await lab.segment(['out', 'hand']);
    const skep = await bySkep(lab, driver);
    ({ remove } = skep);
    const hand = await byHand(lab, driver);
    for (const place of [skep, hand]) await listenAt(lab, place);
    await lab.carriers();
    const figures = await takeTurns(rounds, {
      skep: async () => throughput(lab, lab.netns('out'), skep),
      hand: async () => throughput(lab, lab.netns('out'), hand),
    });
    return {
      what: `throughput: ${driver}${driver === 'nat' ? ', by a published port' : ''}`,
      unit: 'Gbit/s',
      skep: figures.skep,
      peer: 'the same made by hand',
      theirs: figures.hand,
      bar: { relation: '>=', ratio: 0.97 },
    };
  } finally {
    await remove?.();
    await lab.close();
  }
}
