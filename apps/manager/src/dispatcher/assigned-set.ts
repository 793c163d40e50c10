import {
  fillerOf,
  isBefore,
  isForgotten,
  isLeaving,
  isLive,
  isTerminal,
  overlayMac,
  taskName,
  type AssignedFile,
  type AssignedKind,
  type AssignedService,
  type AssignmentChange,
  type ClusterNetwork,
  type GrantedAttachment,
  type ClusterNode,
  type Peer,
  type Task,
} from '#lib/domain';
import type { ClusterView } from '#lib/store';
import { networksOf as askedNetworks } from '../allocator/addresses.js';
import { cutOffBy } from '../allocator/subnets.js';
import { clusterOf } from '../cluster/found.js';
import { isIngress } from '../ingress/ingress.js';
import { noTunnels, placeOn, tunnelsOf, vtepOf, type Derive } from '../tunnels/tunnels.js';
import { networkOn, nodePeers } from './assigned-ingress.js';
import { attachedPeers } from './attached-peers.js';

/** Everything a node should have, by `kind id`; values are JSON, so that two sets can be compared. */
export type AssignedSet = Map<string, { kind: AssignedKind; id: string; value: string }>;

/** Opens what is sealed in the cluster's state. */
export type Unseal = (sealed: string) => Buffer;

/** What this node is to run, and what it has to know for that; nothing else leaves the manager. Pure. */
export function assignedTo(nodeId: string, view: ClusterView, unseal: Unseal, derive: Derive): AssignedSet {
  const set: AssignedSet = new Map();
  const put = <T>(kind: AssignedKind, id: string, value: T) =>
    set.set(`${kind} ${id}`, { kind, id, value: JSON.stringify(value) });
  const putOpened = (kind: AssignedKind, id: string, sealed: string) =>
    put<AssignedFile>(kind, id, { id, data: unseal(sealed).toString('base64') });
  const tasks = view.list('task');
  // A global service's task has its node from the start, and is the node's to run once it has its addresses.
  const own = tasks.filter(
    (task) =>
      task.nodeId === nodeId &&
      !isBefore(task.status.state, 'assigned') &&
      task.status.state !== 'orphaned' &&
      !isForgotten(task),
  );
  for (const { registryAuth: _sealed, ...task } of own) put('task', task.id, forItsNode(task));
  const attached = view.list('attachment').filter((each) => each.releasedAt === undefined);
  const here = attached.filter((each) => each.nodeId === nodeId);
  for (const { id, networkId, containerId, mac, ipv4, ipv6 } of here) {
    put<GrantedAttachment>('attachment', id, { id, networkId, containerId, mac, ipv4, ipv6 });
  }
  const node = view.get('node', nodeId)?.value;
  const used = [...own.flatMap((task) => task.attachments), ...here];
  const networks = node ? networksOf(node, used, view) : [];
  for (const network of networks) put('network', network.id, placeOn(nodeId, network, view));
  const peers = [
    ...peersOf(nodeId, tasks, networks, view),
    ...attachedPeers(nodeId, attached, networks, view),
    ...networks.filter(({ ingress }) => ingress).flatMap((network) => nodePeers(nodeId, network, view)),
  ];
  for (const peer of peers) put('peer', `${peer.networkId}/${peer.id}`, peer);
  for (const end of tunnelsOf(nodeId, peers, view, derive)) put('tunnel', end.id, end);
  for (const service of servicesOn(networks, view)) put('service', service.id, service);
  for (const task of own.filter(isLive)) {
    if (task.registryAuth) putOpened('registryAuth', task.id, task.registryAuth);
    for (const { SecretID: id } of task.spec.ContainerSpec?.Secrets ?? []) {
      const secret = view.get('secret', id)?.value;
      if (secret) putOpened('secret', id, secret.spec.Data);
    }
    for (const { ConfigID: id } of task.spec.ContainerSpec?.Configs ?? []) {
      const config = view.get('config', id)?.value;
      if (config) putOpened('config', id, config.spec.Data);
    }
  }
  return set;
}

/**
 * How far a task is, its node has said itself; what it goes by is only whether the task has run, and how it ended. Anything
 * more would send each report back to its author, who would write it down and look at everything again.
 */
function forItsNode(task: Task): Task {
  const { state } = task.status;
  if (isTerminal(state)) return task;
  const known = isBefore(state, 'running') ? 'assigned' : 'running';
  return { ...task, updatedAt: task.createdAt, status: { state: known, at: task.createdAt, message: known } };
}

/** What leads from what a node has to what it should have. */
export function difference(has: AssignedSet, wanted: AssignedSet): AssignmentChange[] {
  const changes: AssignmentChange[] = [];
  for (const [key, { kind, id, value }] of wanted) {
    if (has.get(key)?.value === value) continue;
    changes.push({ op: 'put', kind, id, value: JSON.parse(value) } as AssignmentChange);
  }
  for (const [key, { kind, id }] of has) if (!wanted.has(key)) changes.push({ op: 'removed', kind, id });
  return changes;
}

/**
 * Those that have a subnet and a VNI and that something on the node uses; on the ingress network is every node that it does
 * not cut off, and one that came to reach the same by itself while it runs tasks there.
 */
function networksOf(node: ClusterNode, used: readonly { networkId: string }[], view: ClusterView): ClusterNetwork[] {
  const open = (network: ClusterNetwork) => !network.encrypted || noTunnels(node) === undefined;
  const ids = new Set(used.map((at) => at.networkId));
  return view.list('network').flatMap((network): ClusterNetwork[] => {
    if (network.vni === undefined) return [];
    const isUsed = ids.has(network.id);
    if (!network.ingress) return isUsed ? [network] : [];
    const isOn = node.addresses?.[network.id] && open(network) && (isUsed || !cutOffBy(network, node));
    return isOn ? [networkOn(node, network)] : [];
  });
}

/** Endpoints of these networks on other nodes that are there; also those on their way out, whose connections go on. */
function peersOf(nodeId: string, tasks: readonly Task[], networks: ClusterNetwork[], view: ClusterView): Peer[] {
  const wanted = new Map(networks.map((network) => [network.id, network]));
  const { id: clusterId } = clusterOf(view);
  return tasks
    .filter((task) => task.nodeId !== undefined && task.nodeId !== nodeId && !isTerminal(task.status.state))
    .flatMap((task) => {
      const node = view.get('node', task.nodeId!)?.value;
      if (!node || node.status.state === 'down') return [];
      return task.attachments.flatMap((at): Peer[] => {
        const network = wanted.get(at.networkId);
        const vtep = network && vtepOf(node, network, clusterId);
        return vtep ? [peerOf(task, at, vtep, node)] : [];
      });
    });
}

/** A node that has never had a session. */
const NOTHING_SAID = { hostname: '', os: '', architecture: '' };

function peerOf(task: Task, at: Task['attachments'][number], vtep: string, { description }: ClusterNode): Peer {
  const hostname = task.spec.ContainerSpec?.Hostname;
  const filled = fillerOf(task, description ?? NOTHING_SAID);
  return {
    id: task.id,
    networkId: at.networkId,
    vtep,
    mac: overlayMac(at, task.id),
    ipv4: at.ipv4,
    ipv6: at.ipv6,
    names: [taskName(task), ...(hostname ? [filled(hostname)] : [])],
    sharedNames: at.aliases,
    service: task.serviceName,
    serviceId: task.serviceId,
    withheld: withheldFromPeers(task),
    leaving: isLeaving(task),
    ports: task.ports.map((port) => ({ protocol: port.Protocol ?? 'tcp', port: port.TargetPort })),
    ...(description?.hidesClients && { hidesClients: true }),
  };
}

/** Why other nodes send nothing new to the task; empty: they may. */
function withheldFromPeers(task: Task): string {
  if (isLeaving(task)) return 'leaving';
  if (task.status.unhealthy) return 'unhealthy';
  const { state, pid } = task.status;
  const early = task.traffic?.early === true && state === 'starting' && pid !== undefined;
  return state === 'running' || early ? '' : state;
}

function servicesOn(networks: readonly ClusterNetwork[], view: ClusterView): AssignedService[] {
  const ids = new Set(networks.map((network) => network.id));
  return view
    .list('service')
    .filter(
      (service) =>
        Object.keys(service.virtualAddresses).some((id) => ids.has(id)) ||
        (service.ports.some(isIngress) && networks.some(({ ingress }) => ingress)),
    )
    .map((service) => ({
      id: service.id,
      name: service.spec.Name,
      virtualAddresses: service.virtualAddresses,
      aliases: Object.fromEntries(askedNetworks(service.spec).map((at) => [at.Target, at.Aliases ?? []])),
      ports: service.ports,
    }));
}
