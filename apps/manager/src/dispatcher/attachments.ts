import { conflict, forbidden, messageOf, SkepError } from '#lib/common';
import {
  addressOfMac,
  endpointId,
  isTerminal,
  overlayMac,
  type Attachment,
  type ClusterNetwork,
  type RefusedAttachment,
  type Task,
  type WantedAttachment,
} from '#lib/domain';
import { holds, parseAddress, parseCidr } from '#lib/ipam';
import type { ClusterChange, ClusterView } from '#lib/store';
import { AddressBook } from '../allocator/addresses.js';
import { cutOffBy } from '../allocator/subnets.js';
import { find } from '../cluster/lookup.js';
import { noTunnels } from '../tunnels/tunnels.js';

/**
 * What follows from all the attachments that a node has or wants: those that are new get addresses or are refused, those
 * that it has no more are given back. Pure.
 */
export function afterAttachments(
  nodeId: string,
  wanted: readonly WantedAttachment[],
  view: ClusterView,
  now: number,
): { changes: ClusterChange[]; refused: RefusedAttachment[] } {
  const at = new Date(now).toISOString();
  const own = view.list('attachment').filter((each) => each.nodeId === nodeId && each.releasedAt === undefined);
  const book = new AddressBook(view, now, { attachments: endingOf(own, wanted) });
  const kept = new Map<string, Attachment>();
  const refused: RefusedAttachment[] = [];
  for (const asked of wanted) {
    try {
      const network = networkFor(asked, nodeId, view);
      const id = endpointId(asked.containerId, network.id);
      const known = kept.get(id) ?? live(id, view);
      if (known) mayHold(nodeId, known, view);
      const granted = attachmentOf(asked, network, { nodeId, at, known, book });
      if (granted.mac !== known?.mac) refuseForeignMac(granted, network, view);
      kept.set(id, granted);
    } catch (error) {
      const { containerId, network } = asked;
      const code = SkepError.is(error) ? error.code : 'internal';
      refused.push({ containerId, network, code, message: messageOf(error) });
    }
  }
  const changes: ClusterChange[] = [];
  for (const value of kept.values()) {
    const known = view.get('attachment', value.id)?.value;
    if (!known || JSON.stringify({ ...known, updatedAt: '' }) !== JSON.stringify({ ...value, updatedAt: '' })) {
      changes.push({ op: 'put', kind: 'attachment', value });
    }
  }
  for (const known of own) {
    if (!kept.has(known.id))
      changes.push({ op: 'put', kind: 'attachment', value: { ...known, releasedAt: at, updatedAt: at } });
  }
  return { changes, refused };
}

/** Those that are not wanted any more, and those that another container is to take over. */
function endingOf(own: readonly Attachment[], wanted: readonly WantedAttachment[]): Set<string> {
  const staying = new Set(wanted.map(({ containerId }) => containerId));
  for (const { replaces } of wanted) if (replaces !== undefined) staying.delete(replaces);
  return new Set(own.filter(({ containerId }) => !staying.has(containerId)).map(({ id }) => id));
}

/** Docker's words where it has some. */
function networkFor(asked: WantedAttachment, nodeId: string, view: ClusterView): ClusterNetwork {
  const { value: network } = find(view, 'network', asked.network, ({ name }) => name);
  if (!network.attachable) {
    throw forbidden(
      `Could not attach to network ${asked.network}: rpc error: code = PermissionDenied desc = network ${network.name} not manually attachable`,
    );
  }
  if (network.vni === undefined) {
    throw conflict(`network ${network.name} has no subnet yet: ${network.allocationError ?? 'it is being made'}`);
  }
  const node = view.get('node', nodeId)?.value;
  const closed = network.encrypted && node && noTunnels(node);
  if (closed) throw conflict(`network ${network.name} is encrypted, which this node cannot be part of: ${closed}`);
  const cut = cutOffBy(network, node);
  if (cut) throw conflict(`${cut} of this node`);
  return network;
}

/** A container's attachment is another node's only once the one that has it is down or gone: it may have joined anew. */
function mayHold(nodeId: string, known: Attachment, view: ClusterView): void {
  if (known.nodeId === nodeId) return;
  const holder = view.get('node', known.nodeId)?.value;
  if (!holder || holder.status.state === 'down') return;
  const name = holder.description?.hostname ?? holder.id;
  throw conflict(`container ${known.names[0] ?? known.containerId} is on node ${name}, which is not down`);
}

function attachmentOf(
  asked: WantedAttachment,
  network: ClusterNetwork,
  facts: { nodeId: string; at: string; known: Attachment | undefined; book: AddressBook },
): Attachment {
  const { network: _named, replaces: _before, preferred, ipv4, ipv6, mac, ...said } = asked;
  const { known, book, at, nodeId } = facts;
  const id = endpointId(asked.containerId, network.id);
  const keeps = known && (ipv4 ?? known.ipv4) === known.ipv4 && (ipv6 ?? known.ipv6) === known.ipv6;
  const addresses = keeps
    ? { ...(known.ipv4 && { ipv4: known.ipv4 }), ...(known.ipv6 && { ipv6: known.ipv6 }) }
    : book.lease(network, `container ${asked.names[0] ?? asked.containerId}`, {
        ipv4: { address: ipv4, preferred: preferred?.ipv4 },
        ipv6: { address: ipv6, preferred: preferred?.ipv6 },
      });
  return {
    id,
    createdAt: known?.createdAt ?? at,
    updatedAt: at,
    nodeId,
    networkId: network.id,
    ...said,
    mac: mac ?? (keeps ? known.mac : overlayMac({ networkId: network.id, ...addresses }, asked.containerId)),
    ...addresses,
  };
}

/** Every other node sends there whatever is for who has this MAC on the network. Two of one are for neither. */
function refuseForeignMac({ mac, ipv4, nodeId }: Attachment, network: ClusterNetwork, view: ClusterView): void {
  const refuse = (holder: string) => {
    throw conflict(`MAC address ${mac} on network ${network.name} is that of ${holder}: choose another one, or none`);
  };
  const address = addressOfMac(mac);
  if (address?.first === '06') refuse('a node');
  if (address?.first === '02' && address.ipv4 !== ipv4 && isOn(network, address.ipv4)) refuse(address.ipv4);
  const has = (task: Task) => task.attachments.some((at) => isThis(at) && overlayMac(at, task.id) === mac);
  const isThis = ({ networkId }: { networkId: string }) => networkId === network.id;
  const task = view.list('task').find((each) => !isTerminal(each.status.state) && has(each));
  if (task) refuse(`task ${task.id}`);
  // Among its own containers, of which one may come in the place of another, the node itself sees to it.
  const other = view
    .list('attachment')
    .find((each) => isThis(each) && each.mac === mac && each.nodeId !== nodeId && !each.releasedAt);
  if (other) refuse(`container ${other.names[0] ?? other.containerId}`);
}

function isOn({ pools }: ClusterNetwork, address: string): boolean {
  const { family, value } = parseAddress(address, 'address');
  return pools.some(({ subnet }) => holds(parseCidr(subnet, 'subnet'), family, value));
}

function live(id: string, view: ClusterView): Attachment | undefined {
  const known = view.get('attachment', id)?.value;
  return known?.releasedAt === undefined ? known : undefined;
}
