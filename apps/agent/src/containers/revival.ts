import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { messageOf, SkepError } from '#lib/common';
import type { Container, ContainerStatus } from '#lib/domain';
import type { Store } from '#lib/store';
import { NODE, STORE, type Node } from '../node/tokens.js';
import { ContainersService } from './containers.service.js';

/** Each waits for the manager for some seconds. */
const ATTEMPTS = 60;

/**
 * The restart policy `always` outlasts a stop and a kill: when the daemon starts again, so does the container (Docker's
 * rule). An agent that the same daemon has started anew changes nothing.
 */
@Injectable()
export class Revival {
  private readonly log = new Logger('containers');

  constructor(
    @Inject(NODE) private readonly node: Node,
    @Inject(STORE) private readonly store: Store,
    private readonly containers: ContainersService,
  ) {}

  /** Asks for the starts; what is refused (a port that another has now) is told of in the log. */
  run(): void {
    if (this.sameDaemon()) return;
    for (const container of this.store.list('container')) {
      if (!revives(container, this.store.get('status', container.id)?.value)) continue;
      void this.revive(container);
    }
  }

  /** Until its addresses on networks of the swarm can be had: the manager may start later than this node. */
  private async revive({ id, name, endpoints }: Container): Promise<void> {
    const ofSwarm = endpoints.some((at) => at.cluster !== undefined);
    for (let attempt = 1; ; attempt++) {
      try {
        await this.containers.start(id, { patient: true });
        return;
      } catch (error) {
        const later = ofSwarm && SkepError.is(error, 'unavailable') && attempt < ATTEMPTS;
        if (!later) return this.log.warn(`${name} is not started again: ${messageOf(error)}`);
      }
    }
  }

  /** The daemon is this process's parent; its pid and time of start tell it from every other one. */
  private sameDaemon(): boolean {
    const path = join(this.node.config.execRoot, 'daemon');
    const stat = read(`/proc/${process.ppid}/stat`);
    const startTime = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    const daemon = `${process.ppid} ${startTime}\n`;
    if (read(path) === daemon) return true;
    mkdirSync(this.node.config.execRoot, { recursive: true });
    writeFileSync(path, daemon);
    return false;
  }
}

export function revives(container: Container, status: ContainerStatus | undefined): boolean {
  const ended = container.target === 'stopped' || (container.target === 'running' && status?.finished === true);
  return container.origin === 'api' && container.restart.name === 'always' && ended;
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
