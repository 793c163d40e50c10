import { Injectable } from '@nestjs/common';
import { SkepError, unavailable } from '#lib/common';
import { NOT_A_MANAGER } from '#lib/http';
import { ManagerClient } from '../../membership/manager-client.js';
import { SwarmMembership } from '../../membership/membership.js';
import type { networkJson } from './network-json.js';

export type NetworkJson = ReturnType<typeof networkJson>;

/** The networks of the whole swarm, as this node's manager knows them; elsewhere there are only the node's own. */
@Injectable()
export class SwarmNetworks {
  constructor(
    private readonly manager: ManagerClient,
    private readonly membership: SwarmMembership,
  ) {}

  get managed(): boolean {
    return this.membership.current?.role === 'manager';
  }

  async list(): Promise<NetworkJson[]> {
    return this.managed ? this.manager.json<NetworkJson[]>('GET', '/networks') : [];
  }

  /** undefined: the swarm has no such network, or this node cannot know */
  async find(idOrName: string): Promise<NetworkJson | undefined> {
    if (!this.managed) return undefined;
    try {
      return await this.manager.json<NetworkJson>('GET', `/networks/${encodeURIComponent(idOrName)}`);
    } catch (error) {
      if (SkepError.is(error, 'not_found')) return undefined;
      throw error;
    }
  }

  /** @throws `unavailable` where this node is no manager */
  create(body: unknown): Promise<{ Id: string; Warning: string }> {
    this.mustManage();
    return this.manager.json('POST', '/networks/create', body);
  }

  async remove(id: string): Promise<void> {
    this.mustManage();
    await this.manager.json('DELETE', `/networks/${encodeURIComponent(id)}`);
  }

  /** Names of those that nobody uses and that were removed. */
  async prune(chosen: (network: NetworkJson) => boolean): Promise<string[]> {
    const removed: string[] = [];
    for (const network of (await this.list()).filter((each) => !each.Ingress && chosen(each))) {
      try {
        await this.manager.json('DELETE', `/networks/${encodeURIComponent(network.Id)}?patient=false`);
        removed.push(network.Name);
      } catch (error) {
        if (!SkepError.is(error, 'forbidden') && !SkepError.is(error, 'not_found')) throw error;
      }
    }
    return removed;
  }

  private mustManage(): void {
    if (!this.managed) throw unavailable(NOT_A_MANAGER);
  }
}
