import { availableParallelism } from 'node:os';
import { waitFor, internal } from '#lib/common';
import type { Lab } from '../../libs/drivers/src/testing/lab.js';

/** Client and server stay each on a core of its own: where the scheduler puts them matters more than any rule does. */
const AFFINITY = '0,1';
/** Short turns, so that other work on the machine falls on both contenders. */
const SECONDS = 1;

/** Where a server listens, and how the client outside gets there. */
export interface Place {
  netns: string;
  address: string;
  port: number;
}

/** The port that iperf3 listens on inside a container. */
export const IPERF_PORT = 5201;

/** Lets iperf3 listen there until the lab closes. */
export async function listenAt(lab: Lab, { netns }: Place): Promise<void> {
  lab.start(netns, ['iperf3', '--server', '--port', String(IPERF_PORT)]);
  const listens = () => lab.run(netns, ['ss', '-Hltn', `sport = :${IPERF_PORT}`]).out !== '';
  await waitFor(listens, { ms: 5000, what: `iperf3 listens in ${netns}` });
}

/** Gbit/s that arrive over one TCP connection. */
export function throughput(lab: Lab, client: string, { address, port }: Place): number {
  const asked = ['iperf3', '--client', address, '--port', String(port), '--time', String(SECONDS), '--json'];
  if (availableParallelism() > 1) asked.push('--affinity', AFFINITY);
  const { ok, out } = lab.run(client, asked, (SECONDS + 10) * 1000);
  if (!ok) throw internal(`iperf3 to ${address}:${port}: ${out.slice(-300)}`);
  const { end } = JSON.parse(out) as { end: { sum_received?: { bits_per_second: number } } };
  if (!end.sum_received) throw internal(`iperf3 to ${address}:${port}: ${out.slice(-300)}`);
  return end.sum_received.bits_per_second / 1e9;
}
