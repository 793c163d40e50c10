import { unavailable } from '#lib/common';
import type { DriverContext, EndpointOf, NetworkDriver } from '../driver.js';
import { insideReady } from '../endpoint/inside.js';
import { ensureVethPort, portOf, removeVethPort, vethPortReady } from '../endpoint/veth-port.js';
import { answerRules, answersByNode } from './answers.js';
import { overlayEffects } from './effects.js';
import { ensureNetwork, networkReady, removeNetwork } from './network.js';

/**
 * One network over all nodes of a cluster: bridged on a node, VXLAN between nodes, masqueraded to the outside (the rules
 * are those of `nat`). The manager places it; nodes make what they are assigned.
 */
export const overlayDriver: NetworkDriver = {
  name: 'overlay',
  place: ({ name }) => {
    throw unavailable(`network ${name}: overlay networks are made by a manager of the swarm`);
  },
  effects: overlayEffects,
  networkReady,
  ensureNetwork,
  removeNetwork,
  endpointReady: (at, view) => vethPortReady(at, at.network.linkName, view),
  insideReady,
  ensureEndpoint,
  removeEndpoint: removeVethPort,
};

/** Its MTU is the bridge's, which the driver made by the underlay's. */
async function ensureEndpoint(at: EndpointOf, context: DriverContext): Promise<void> {
  const { linkName } = at.network;
  const bridge = context.host.links().find((link) => link.name === linkName);
  await ensureVethPort(at, { ...portOf(at.network, linkName), mtu: bridge?.mtu }, context);
  if (at.network.overlay?.ingress && answersByNode())
    context.host.nft(answerRules(at), context.names.netns(at.container.id));
}
