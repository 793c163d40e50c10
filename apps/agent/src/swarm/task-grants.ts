import {
  containerIdOf,
  endpointMac,
  taskName,
  type Container,
  type Endpoint,
  type Network,
  type Protocol,
  type Task,
} from '#lib/domain';
import type { GrantFacts } from '../containers/grant-containers.js';
import { PortBook } from '../containers/grant-ports.js';
import { grantEndpoints } from '../ipam/grant-endpoints.js';

/** What the node itself gives to new tasks of one decision: nothing is given twice. */
export class TaskGrants {
  private readonly given: Container[] = [];
  private readonly ports: PortBook;

  /** @param tasks all that are assigned: what they ask for by number is chosen for nobody */
  constructor(
    private readonly facts: GrantFacts,
    tasks: readonly Task[],
  ) {
    const { view, others: containers, random } = facts;
    const asked = new Set(
      tasks.flatMap(({ ports }) => ports.map((port) => `${port.Protocol ?? 'tcp'} ${port.PublishedPort}`)),
    );
    const listening: GrantFacts['listening'] = (protocol, port, hostIp) =>
      asked.has(`${protocol} ${port}`) || facts.listening(protocol, port, hostIp);
    const services = view.list('assignment').flatMap((each) => (each.kind === 'service' ? [each.value] : []));
    // Also those of what is stopped or only prepared: there are enough others.
    this.ports = new PortBook({ containers, services, listening, random });
  }

  /** A container of the same decision, which the store does not have yet. */
  note(container: Container): void {
    this.given.push(container);
  }

  /** An endpoint on a network of the node's own. */
  lease(task: Task, network: Network): Endpoint {
    const containerId = containerIdOf(task.id);
    const request = {
      containerId,
      containerName: taskName(task),
      network: network.name,
      mac: endpointMac(task.id, network.id),
      aliases: [],
      links: {},
      gwPriority: 0,
      priority: 0,
    };
    const granted = grantEndpoints([request], {
      networks: [network],
      containers: [...this.facts.others, ...this.given],
      links: this.facts.links,
      holds: () => true,
      quarantined: (id) => this.facts.quarantined(id),
      granted: () => undefined,
    });
    return granted.get(containerId)![0]!;
  }

  /** A port of the node that nobody has. @throws conflict where none is left */
  freePort(task: Task, containerPort: number, protocol: Protocol): number {
    return this.ports.grant([{ hostIp: '', containerPort, protocol }], `task ${taskName(task)}`)[0]!.hostPort;
  }
}
