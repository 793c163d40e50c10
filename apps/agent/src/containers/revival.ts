import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { backoff, messageOf, replaceFileSync, SkepError, steadyClock } from '#lib/common';
import type { Container, ContainerStatus } from '#lib/domain';
import type { Store } from '#lib/store';
import { NODE, STORE, type Node } from '../node/tokens.js';
import { ContainersService } from './containers.service.js';

/** Each waits for the manager for some seconds, or pauses before the next one where something is full. */
const ATTEMPTS = 60;
/** Milliseconds. */
const PAUSE = 1_000;
const LONGEST_PAUSE = 60_000;

/**
 * The restart policy `always` outlasts a stop and a kill: when the daemon starts again, so does the container (Docker's
 * rule). An agent that the same daemon has started anew goes on with what the one before had not done, and starts nothing
 * else. A file of the exec root says so: the daemon, and ids of containers that it is still to start.
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
    const daemon = daemonOf();
    const [before, ...left] = read(this.path).split('\n');
    const due = this.store
      .list('container')
      .filter((container) => this.isDown(container) && (before !== daemon || left.includes(container.id)));
    const open = new Set(due.map(({ id }) => id));
    this.note(daemon, open);
    for (const container of due) {
      void this.revive(container).then(() => {
        open.delete(container.id);
        this.note(daemon, open);
      });
    }
  }

  /**
   * Until its addresses on networks of the swarm can be had: the manager may start later than this node. And until there is
   * room for it: what fills a disk while the machine starts may go.
   */
  private async revive({ id, name, endpoints }: Container): Promise<void> {
    const ofSwarm = endpoints.some((at) => at.cluster !== undefined);
    for (let attempt = 1; ; attempt++) {
      try {
        await this.containers.start(id, { patient: true });
        return;
      } catch (error) {
        const full = isFull(error);
        const later = full || (ofSwarm && SkepError.is(error, 'unavailable'));
        if (!later || attempt === ATTEMPTS) return this.log.warn(`${name} is not started again: ${messageOf(error)}`);
        if (full && attempt === 1) this.log.warn(`${name} is started again later: ${messageOf(error)}`);
        if (full) await steadyClock.sleep(backoff(attempt, PAUSE, LONGEST_PAUSE));
        const container = this.store.get('container', id)?.value;
        // Somebody else asked for it, or the reconciler has the wish.
        if (!container || !this.isDown(container)) return;
      }
    }
  }

  private isDown(container: Container): boolean {
    return revives(container, this.store.get('status', container.id)?.value);
  }

  private note(daemon: string, open: ReadonlySet<string>): void {
    try {
      mkdirSync(this.node.config.execRoot, { recursive: true });
      replaceFileSync(this.path, [daemon, ...open, ''].join('\n'), { mode: 0o600, durable: false });
    } catch (error) {
      this.log.warn(`the next agent may start containers again that were stopped meanwhile: ${messageOf(error)}`);
    }
  }

  private get path(): string {
    return join(this.node.config.execRoot, 'daemon');
  }
}

/** A disk, not a pool of addresses or a port: these are not free later because something was removed. */
function isFull(error: unknown): boolean {
  return SkepError.is(error, 'exhausted') && /\b(SQLITE_FULL|ENOSPC)\b/.test(messageOf(error.cause));
}

/** The daemon is this process's parent; its pid and time of start tell it from every other one. */
function daemonOf(): string {
  const stat = read(`/proc/${process.ppid}/stat`);
  const startTime = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  return `${process.ppid} ${startTime}`;
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
