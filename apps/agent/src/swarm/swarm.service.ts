import { Inject, Injectable } from '@nestjs/common';
import { conflict, invalid, newClusterId, SkepError, unavailable, unsupported } from '#lib/common';
import type { z } from 'zod';
import type { Membership } from '#lib/contracts';
import { checkHeartbeat, type ObservedLink } from '#lib/domain';
import type { Host } from '#lib/host';
import { checkCertificateLife } from '#lib/pki';
import { ManagerClient } from '../membership/manager-client.js';
import { SwarmMembership } from '../membership/membership.js';
import { HOST, NODE, type Node } from '../node/tokens.js';
import { addressPoolsOf } from './address-pools.js';
import { addressAndPort, CLUSTER_PORT, hostOf, localAddress, onlyAdvertisable, withPort } from './addresses.js';
import type { initBody, joinBody } from './bodies.js';
import { firstSpec } from './first-spec.js';
import { ManagerMessages } from './manager-messages.js';
import { SwarmTasks } from './swarm-tasks.js';

/** VXLAN's port. */
const DATA_PATH_PORT = 4789;

/** This node's way into a cluster and out of it. */
@Injectable()
export class SwarmService {
  /** of what the node enters at this moment, or entered last */
  private entering: AbortSignal | undefined;
  private settling: { left: AbortSignal; nodeId: Promise<string> } | undefined;

  constructor(
    @Inject(NODE) private readonly node: Node,
    @Inject(HOST) private readonly host: Host,
    private readonly membership: SwarmMembership,
    private readonly manager: ManagerClient,
    private readonly tasks: SwarmTasks,
    private readonly messages: ManagerMessages,
  ) {}

  /** Founds a cluster with this node as its manager. Returns the node's id. */
  async init(body: z.infer<typeof initBody>): Promise<string> {
    if (body.ForceNewCluster) throw unsupported('force-new-cluster needs several managers, which are not possible yet');
    if (body.AutoLockManagers || body.Spec?.['EncryptionConfig']) {
      const lock = (body.Spec?.['EncryptionConfig'] as { AutoLockManagers?: boolean } | undefined)?.AutoLockManagers;
      if (body.AutoLockManagers || lock) throw unsupported('autolock is not possible yet');
    }
    const { ExternalCAs, NodeCertExpiry, SigningCACert, SigningCAKey } = body.Spec?.CAConfig ?? {};
    checkCertificateLife(NodeCertExpiry);
    checkHeartbeat(body.Spec?.Dispatcher?.HeartbeatPeriod);
    if (ExternalCAs?.length) throw unsupported('external CAs are not possible: the manager is the CA');
    if (SigningCACert || SigningCAKey) {
      throw unsupported('a swarm is founded with a CA of its own: docker swarm ca --rotate --ca-cert brings another');
    }
    const addressPools = addressPoolsOf(body.DefaultAddrPool ?? [], body.SubnetSize);
    const { ownManager, ...addresses } = this.addresses(body);
    const founder: Membership = {
      role: 'manager',
      ...addresses,
      managers: [ownManager],
      founding: {
        clusterId: newClusterId(),
        spec: firstSpec(body.Spec),
        addressPools,
        dataPathPort: body.DataPathPort || DATA_PATH_PORT,
        availability: body.Availability,
      },
    };
    return this.enter(founder, () => this.settle());
  }

  async join(body: z.infer<typeof joinBody>): Promise<void> {
    const managers = body.RemoteAddrs.map((each) => (/:\d+$/.test(each) ? each : `${each}:${CLUSTER_PORT}`));
    const { ownManager: _none, ...addresses } = this.addresses(body);
    await this.enter({ role: 'worker', ...addresses, managers }, (left) =>
      this.membership.join(left, managers, body.JoinToken, body.Availability),
    );
  }

  /**
   * What runs here for the cluster is taken down, once the manager has heard of it and leads nobody here any more. The node
   * stays known to the manager, as down.
   */
  async leave(force: boolean): Promise<void> {
    const { current, left } = this.membership;
    if (!current) throw unavailable('This node is not part of a swarm');
    if (!force) this.refuseWhileEntering();
    if (current.role === 'manager' && !force) {
      throw new SkepError(
        'unavailable',
        'You are attempting to leave the swarm on a node that is participating as a manager. Removing the last manager erases all current state of the swarm. Use `--force` to ignore this message.',
      );
    }
    // With the last manager all of the cluster ends.
    if (current.role !== 'manager') await this.messages.leave();
    left.throwIfAborted();
    this.membership.leave(left);
    await this.tasks.forget();
  }

  /** A founder's node joins its own cluster like any other: also after a crash in the middle of the founding. */
  settle(): Promise<string> {
    const { left } = this.membership;
    if (this.settling?.left !== left) {
      const nodeId = this.joinOwn().finally(() => {
        if (this.settling?.left === left) this.settling = undefined;
      });
      this.settling = { left, nodeId };
    }
    return this.settling.nodeId;
  }

  private async joinOwn(): Promise<string> {
    const { current, left } = this.membership;
    if (!current) throw unavailable('This node is not part of a swarm');
    if (current.nodeId) return current.nodeId;
    const { JoinTokens } = await this.manager.ready(current.founding?.clusterId, left);
    const availability = current.founding?.availability ?? 'active';
    return this.membership.join(left, current.managers, JoinTokens.Manager, availability);
  }

  /** A cluster that the node cannot get into it leaves again, but not the one that it is in by then. */
  private async enter<T>(membership: Membership, work: (left: AbortSignal) => Promise<T>): Promise<T> {
    this.refuseWhileEntering();
    this.membership.enter(membership);
    const { left } = this.membership;
    this.entering = left;
    try {
      return await work(left);
    } catch (error) {
      this.membership.leave(left);
      throw error;
    } finally {
      if (this.entering === left) this.entering = undefined;
    }
  }

  /** Leaving by force ends the entering, however long that still waits for somebody. */
  private refuseWhileEntering(): void {
    if (!this.entering || this.entering.aborted) return;
    throw conflict(
      'This node is entering a swarm at this moment: wait until that is done, or end it with "docker swarm leave --force"',
    );
  }

  private addresses(body: { ListenAddr?: string; AdvertiseAddr?: string; DataPathAddr?: string }) {
    const links = this.host.links();
    const only = () => onlyAdvertisable(links, this.node.names.linkPrefix);
    const listenAddr = addressAndPort('--listen-addr', body.ListenAddr ?? '', links, () => '0.0.0.0');
    const listens = hostOf(listenAddr);
    const fallback = () => (listens === '0.0.0.0' || listens === '::' ? only() : listens);
    const port = Number(listenAddr.split(':').at(-1));
    const advertiseAddr = addressAndPort('--advertise-addr', body.AdvertiseAddr ?? '', links, fallback, port);
    const data = addressAndPort('--data-path-addr', body.DataPathAddr ?? '', links, () => hostOf(advertiseAddr));
    const dataAddr = hostOf(data);
    const localOf = (announced: string) => localAddress(announced, listens, links, this.node.names.linkPrefix);
    const localAddr = localOf(dataAddr);
    if (localAddr === undefined) throw invalid(notLocal(dataAddr, links));
    const announced = hostOf(advertiseAddr);
    // Not every translation lets a node reach itself.
    const local = localOf(announced) ?? announced;
    return {
      listenAddr,
      advertiseAddr,
      dataAddr,
      ...(localAddr !== dataAddr && { localAddr }),
      ownManager: local === announced ? advertiseAddr : withPort(local, port),
    };
  }
}

/** Docker's words, and what there is. */
function notLocal(announced: string, links: readonly ObservedLink[]): string {
  const listed = links.flatMap(({ name, addresses }) =>
    name === 'lo' ? [] : addresses.map((each) => `${each.split('/')[0]} on ${name}`),
  );
  return (
    "must specify a listening address because the address to advertise is not recognized as a system address, and a system's " +
    `IP address to use could not be uniquely identified: ${announced} is on no link of this node, which has ` +
    `${listed.join(', ') || 'none'}; name one by --listen-addr, or what the other nodes reach it by with --data-path-addr`
  );
}
