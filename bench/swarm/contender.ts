import { internal, waitFor } from '#lib/common';
import { call } from '../call.js';
import { COMMAND, IMAGE } from '../stage/sleepers.js';

interface Task {
  ID: string;
  Status: { State: string; ContainerStatus?: { ContainerID?: string; PID?: number } };
}

/** How often a state that is waited for is looked at: looking is not to be what takes the time. Milliseconds. */
const EVERY = 50;
const PATIENCE = 120_000;
/** Sleepers do not heed SIGTERM: each is killed after that. Nanoseconds. */
const GRACE = 1e9;

/** A swarm of one node, by the Docker Engine API, which both speak. */
export class Contender {
  /**
   * Its own id of the image, which is there: for a tag Docker Engine asks the registry before each container, and here
   * would only wait for one that does not exist.
   */
  private image = '';

  constructor(
    private readonly who: string,
    private readonly socket: string,
    private readonly address: string,
  ) {}

  async init(): Promise<void> {
    this.image = (JSON.parse(await this.call('GET', `/images/${IMAGE}/json`)) as { Id: string }).Id;
    await this.call('POST', '/swarm/init', { ListenAddr: '0.0.0.0:2377', AdvertiseAddr: this.address });
  }

  async leave(): Promise<void> {
    await this.call('POST', '/swarm/leave?force=true');
  }

  /** Names of a service on an overlay network are answered with its replicas: `dnsrr` on both. */
  async network(name: string): Promise<void> {
    await this.call('POST', '/networks/create', { Name: name, Driver: 'overlay', Attachable: false });
  }

  async removeNetwork(name: string): Promise<void> {
    const removed = () =>
      this.call('DELETE', `/networks/${name}`).then(
        () => true,
        () => false,
      );
    await waitFor(removed, { ms: PATIENCE, every: 200, what: `network ${name} to be free` });
  }

  async create(name: string, replicas: number, network?: string): Promise<void> {
    await this.call('POST', '/services/create', this.spec(name, replicas, network));
    await this.running(name, replicas);
  }

  async scale(name: string, replicas: number): Promise<void> {
    const { Version } = JSON.parse(await this.call('GET', `/services/${name}`)) as { Version: { Index: number } };
    await this.call('POST', `/services/${name}/update?version=${Version.Index}`, this.spec(name, replicas));
    await this.running(name, replicas);
  }

  /** Until no container of the service is left. */
  async remove(name: string): Promise<void> {
    await this.call('DELETE', `/services/${name}`);
    const filters = encodeURIComponent(JSON.stringify({ label: [`com.docker.swarm.service.name=${name}`] }));
    const none = async () =>
      (JSON.parse(await this.call('GET', `/containers/json?all=1&filters=${filters}`)) as []).length === 0;
    await waitFor(none, { ms: PATIENCE, every: EVERY, what: `service ${name} to go` });
  }

  async containers(name: string): Promise<{ id: string; pid: number }[]> {
    const tasks = (await this.tasks(name)).filter(({ Status }) => Status.State === 'running');
    return tasks.map(({ Status: { ContainerStatus: of } }) => ({ id: of!.ContainerID!, pid: of!.PID! }));
  }

  private async running(name: string, replicas: number): Promise<void> {
    let states: string[] = [];
    const all = async () => {
      states = (await this.tasks(name)).map(({ Status }) => Status.State);
      return states.filter((state) => state === 'running').length === replicas;
    };
    await waitFor(all, { ms: PATIENCE, every: EVERY, what: `${replicas} tasks` }).catch((error: Error) => {
      throw internal(`${this.who}: ${error.message}: ${states.join(', ')}`);
    });
  }

  private async tasks(name: string): Promise<Task[]> {
    const filters = encodeURIComponent(JSON.stringify({ service: [name], 'desired-state': ['running'] }));
    return JSON.parse(await this.call('GET', `/tasks?filters=${filters}`)) as Task[];
  }

  private spec(Name: string, Replicas: number, network?: string) {
    return {
      Name,
      TaskTemplate: {
        ContainerSpec: { Image: this.image, Command: COMMAND, StopGracePeriod: GRACE },
        ...(network && { Networks: [{ Target: network }] }),
      },
      Mode: { Replicated: { Replicas } },
      EndpointSpec: { Mode: 'dnsrr' },
    };
  }

  private call(method: string, path: string, body?: unknown): Promise<string> {
    return call(this.socket, method, `/v1.41${path}`, body);
  }
}
