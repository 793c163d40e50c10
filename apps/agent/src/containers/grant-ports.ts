import { isIP } from 'node:net';
import { conflict, SkepError } from '#lib/common';
import type { AssignedService, Container, PortRequest, Protocol, PublishedPort } from '#lib/domain';

/** First and last port that is chosen when none is asked for. */
const EPHEMERAL: [number, number] = [49153, 65535];

export interface PortView {
  /** containers that hold ports; those that leave in the same transaction excepted */
  containers: readonly Container[];
  /** of the cluster: their ports are published on every node */
  services: readonly AssignedService[];
  /** does a process of the node listen there? */
  listening(protocol: Protocol, port: number, hostIp: string): boolean;
  /** any number in [0, 1), so that chosen ports are not guessable by order */
  random(): number;
}

/** Keeps account of the node's published ports while they are granted; a taken one is refused with its holder. */
export class PortBook {
  private readonly held = new Map<string, { hostIp: string; by: string }[]>();

  constructor(private readonly view: PortView) {
    for (const container of view.containers) {
      for (const port of container.ports) this.hold(port, `container ${container.name}`);
    }
    for (const { name, ports } of view.services) {
      for (const { PublishMode, PublishedPort = 0, Protocol = 'tcp', TargetPort: containerPort } of ports) {
        if (PublishMode === 'host') continue;
        this.hold({ hostIp: '', hostPort: PublishedPort, containerPort, protocol: Protocol }, `service ${name}`);
      }
    }
  }

  /** @param before ports that the same container had: a chosen port is kept where it is free */
  grant(wishes: readonly PortRequest[], by: string, before: readonly PublishedPort[] = []): PublishedPort[] {
    return wishes.map((wish) => {
      const port = { hostIp: wish.hostIp, containerPort: wish.containerPort, protocol: wish.protocol };
      const hostPort = this.choose(wish, before);
      const granted = { ...port, hostPort };
      this.hold(granted, by);
      return granted;
    });
  }

  private choose(wish: PortRequest, before: readonly PublishedPort[]): number {
    const [first, last] = wish.range ?? EPHEMERAL;
    if (first === last) {
      const holder = this.holder(wish, first);
      if (holder)
        throw conflict(`Bind for ${shown(wish.hostIp)}:${first} failed: port is already allocated (by ${holder})`);
      return first;
    }
    const kept = before.find((each) => each.containerPort === wish.containerPort && each.protocol === wish.protocol);
    const span = last - first + 1;
    const start = wish.range ? 0 : Math.floor(this.view.random() * span);
    const candidates = [
      ...(kept && kept.hostPort >= first && kept.hostPort <= last ? [kept.hostPort] : []),
      ...Array.from({ length: span }, (_, index) => first + ((start + index) % span)),
    ];
    const free = candidates.find((port) => !this.holder(wish, port));
    if (free !== undefined) return free;
    throw new SkepError(
      'conflict',
      `no free port is left in ${first}-${last}/${wish.protocol}: all ports are allocated`,
    );
  }

  private holder({ protocol, hostIp }: PortRequest, port: number): string | undefined {
    const holder = this.held.get(`${protocol} ${port}`)?.find((each) => sameAddress(each.hostIp, hostIp));
    if (holder) return holder.by;
    const everywhere = ANY.includes(hostIp);
    return this.view.listening(protocol, port, everywhere ? '' : hostIp) ? 'a process of this node' : undefined;
  }

  private hold(port: PublishedPort, by: string): void {
    const key = `${port.protocol} ${port.hostPort}`;
    this.held.set(key, [...(this.held.get(key) ?? []), { hostIp: port.hostIp, by }]);
  }
}

/** Every address of one family or of both. */
const ANY: readonly string[] = ['', '0.0.0.0', '::'];

/** Is there an address that both mean? */
function sameAddress(a: string, b: string): boolean {
  if (a === '' || b === '' || a === b) return true;
  return isIP(a) === isIP(b) && (ANY.includes(a) || ANY.includes(b));
}

function shown(hostIp: string): string {
  return hostIp.includes(':') ? `[${hostIp}]` : hostIp || '0.0.0.0';
}
