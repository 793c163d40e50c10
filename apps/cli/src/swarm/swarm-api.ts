import type { ClusterNode, PortConfig, SealedSpec, ServiceSpec, TaskSpec } from '#lib/domain';
import type { RegistryAuth } from '#lib/contracts';
import type { NodeClient } from '../client/node-client.js';

/** Objects of a swarm as the Docker Engine API shows them, as far as something here reads them. */
interface Shown<S> {
  ID: string;
  Version: { Index: number };
  CreatedAt: string;
  UpdatedAt: string;
  Spec: S;
}

export interface ShownService extends Shown<ServiceSpec> {
  Endpoint?: { Ports?: PortConfig[] };
  UpdateStatus?: { State?: string; Message?: string };
  ServiceStatus?: { RunningTasks: number; DesiredTasks: number; CompletedTasks: number };
}

export interface ShownTask extends Omit<Shown<TaskSpec>, 'Version'> {
  ServiceID: string;
  Slot?: number;
  NodeID?: string;
  DesiredState: string;
  Status: { Timestamp: string; State: string; Message?: string; Err?: string };
}

export interface ShownNode extends Shown<ClusterNode['spec']> {
  Description?: { Hostname: string; Engine: { EngineVersion: string } };
  Status: { State: string; Addr: string };
  ManagerStatus?: { Leader: boolean; Reachability: string };
}

export interface ShownNetwork {
  Id: string;
  Name: string;
  Scope: string;
  Driver: string;
  Internal: boolean;
  Attachable: boolean;
  EnableIPv6: boolean;
  Labels: Record<string, string>;
  Options: Record<string, string>;
  IPAM: { Config: { Subnet?: string; Gateway?: string; IPRange?: string }[] | null };
}

export type ShownFile = Shown<SealedSpec>;

/** Kinds whose objects are listed, shown and removed the same way. */
interface Kinds {
  services: ShownService;
  tasks: ShownTask;
  nodes: ShownNode;
  networks: ShownNetwork;
  secrets: ShownFile;
  configs: ShownFile;
}
export type Kind = keyof Kinds;
export type Filters = Record<string, readonly string[]>;

const seg = encodeURIComponent;

/** The swarm's part of the Docker Engine API, by way of a manager. */
export class SwarmApi {
  constructor(readonly client: NodeClient) {}

  list<K extends Kind>(kind: K, filters: Filters = {}, more = ''): Promise<Kinds[K][]> {
    const query = `filters=${seg(JSON.stringify(filters))}${more}`;
    return this.client.json({ method: 'GET', path: `/${kind}?${query}` });
  }

  /** @param name id, name, or unique beginning of the id */
  show<K extends Kind>(kind: K, name: string): Promise<Kinds[K]> {
    return this.client.json({ method: 'GET', path: `/${kind}/${seg(name)}` });
  }

  /** Gives the new object's id, and what a manager warns of. */
  async create(kind: Kind, body: object, auth?: RegistryAuth): Promise<{ id: string; warnings: string[] }> {
    const made = await this.client.json<{ ID?: string; Id?: string; Warning?: string }>({
      method: 'POST',
      path: `/${kind}/create`,
      body,
      auth,
    });
    return { id: made.ID ?? made.Id ?? '', warnings: made.Warning?.split('\n').filter(Boolean) ?? [] };
  }

  /** Refused when somebody else has changed the object since it was shown. */
  async update(
    kind: 'services' | 'nodes' | 'secrets' | 'configs',
    shown: Shown<object>,
    spec: object,
    auth?: RegistryAuth,
  ): Promise<void> {
    const path = `/${kind}/${seg(shown.ID)}/update?version=${shown.Version.Index}`;
    await this.client.text({ method: 'POST', path, body: spec, auth });
  }

  async remove(kind: Kind, name: string, query = ''): Promise<void> {
    await this.client.text({ method: 'DELETE', path: `/${kind}/${seg(name)}${query}` });
  }
}
