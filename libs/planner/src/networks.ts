import { isActive, isVirtual, type Network, type Observed } from '#lib/domain';
import type { Desired } from './desired.js';
import { step, stepId, type Step } from './steps.js';
import { TUNNEL_STEP } from './tunnel.js';

export function planNetworks(desired: Desired, observed: Observed): Step[] {
  return desired.networks.flatMap((network): Step[] => {
    if (isVirtual(network)) return [];
    if (network.target === 'present') {
      return observed.networks.has(network.id) ? [] : [step({ kind: 'network.ensure', network }, before(network))];
    }
    const users = desired.containers.filter((each) => each.endpoints.some((at) => at.networkId === network.id));
    if (users.some((each) => isActive(each, desired.statuses.get(each.id)))) return [];
    const leaving = desired.containers.filter((each) => each.leaving?.some((at) => at.networkId === network.id));
    return [
      step({ kind: 'network.remove', network }, [
        ...users.map((each) => stepId(each.target === 'removed' ? 'container.forget' : 'sandbox.remove', each.id)),
        ...leaving.map((each) => stepId('sandbox.ensure', each.id)),
      ]),
    ];
  });
}

function before({ overlay, follows = [] }: Network): string[] {
  return [...(overlay?.encryption ? [TUNNEL_STEP] : []), ...follows.map((id) => stepId('network.remove', id))];
}
