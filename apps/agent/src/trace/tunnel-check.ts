import type { TraceCheck } from '#lib/contracts';
import type { Network, Peer } from '#lib/domain';
import { tunnelOf } from '#lib/drivers';
import { mostSpecific } from '../forwarding/routes.js';
import type { TraceFacts } from './facts.js';

/** Do frames for a container of another node find their way to that node? */
export function tunnelCheck(peer: Peer, network: Network, { kernel }: TraceFacts): TraceCheck {
  const no = (says: string, advice: string): TraceCheck => ({ about: 'tunnel', state: 'no', says, advice });
  const tunnel = tunnelOf(network, kernel.names);
  const { vtep, mac } = peer;
  const name = peer.names[0] ?? peer.id;
  const repaired = 'skep repairs that within seconds: see skep doctor where it does not';
  const known = kernel.forwarding(tunnel);
  const entry = known.find((each) => each.table === 'tunnel' && each.mac === mac);
  if (!entry) return no(`${tunnel} has no entry for ${name} (${mac}), which is on the node with ${vtep}`, repaired);
  if (entry.table === 'tunnel' && entry.to !== vtep) {
    return no(`${tunnel} sends frames for ${name} to ${entry.to}, and it is on the node with ${vtep}`, repaired);
  }
  const answered = known.some((each) => each.table === 'neighbour' && each.mac === mac);
  if (!answered) return no(`${tunnel} does not answer for the address of ${name}`, repaired);
  const route = mostSpecific(vtep, kernel.routes());
  const by = kernel.links.get(route?.link ?? '');
  if (!route || !by?.up) {
    const why = route ? `${route.link} is down` : 'there is no route';
    return no(
      `this node does not reach the node of ${name} at ${vtep}: ${why}`,
      `mend this node's network: ip route get ${vtep}`,
    );
  }
  return {
    about: 'tunnel',
    state: 'ok',
    says: `frames for ${name} go to ${vtep} by ${tunnel} and ${by.name}, UDP ${network.overlay?.port}`,
  };
}
