import { readFileSync } from 'node:fs';
import type Docker from 'dockerode';
import { systemClock, waitFor } from '#lib/common';
import type { ObservedContainer } from '#lib/domain';
import type { EngineDialect, Listed } from './dialect.js';
import { statusOf } from './errors.js';
import { fromInspect } from './observed.js';

/** How long an engine may take to notice that a process ended. */
const EXIT_LAG_MS = 3_000;
/** Inspections at the same time. */
const PARALLEL = 4;

interface Known {
  fingerprint: string;
  seen: ObservedContainer;
}

/**
 * Observes containers exactly and cheaply. Listings are one request but coarse: no exit times below a second, and a
 * process that just ended still counts as running. So what an inspection said is kept for as long as the listing's
 * fingerprint says the same, and everything else is inspected.
 */
export class ContainerObserver {
  private readonly known = new Map<string, Known>();

  constructor(
    private readonly docker: Docker,
    private readonly dialect: EngineDialect,
  ) {}

  async list(label: string): Promise<ObservedContainer[]> {
    const listed = await this.dialect.list(this.docker, label);
    const all: (ObservedContainer | undefined)[] = Array.from({ length: listed.length });
    const changed: number[] = [];
    for (const [index, entry] of listed.entries()) {
      const known = this.known.get(entry.engineId);
      if (known && known.fingerprint === entry.fingerprint && !endedUnnoticed(known.seen)) all[index] = known.seen;
      else changed.push(index);
    }
    const worker = async () => {
      for (let index = changed.shift(); index !== undefined; index = changed.shift()) {
        all[index] = await this.refresh(listed[index]!);
      }
    };
    await Promise.all(Array.from({ length: PARALLEL }, worker));
    return all.filter((seen) => seen !== undefined);
  }

  async inspect(engineId: string): Promise<ObservedContainer> {
    const look = async () => fromInspect(await this.docker.getContainer(engineId).inspect());
    let seen = await look();
    if (endedUnnoticed(seen)) {
      seen = await waitFor(
        async () => {
          const next = await look();
          return !endedUnnoticed(next) && next;
        },
        { ms: EXIT_LAG_MS, every: 10, what: `the engine's notice that container ${engineId} has ended` },
      ).catch((error: unknown) => {
        // It says what it believes; the caller observes again.
        if (statusOf(error) !== undefined) throw error;
        return seen;
      });
    }
    return seen;
  }

  forget(engineId: string): void {
    this.known.delete(engineId);
  }

  /** Undefined: removed since it was listed. */
  private async refresh(entry: Listed): Promise<ObservedContainer | undefined> {
    try {
      const seen = await this.inspect(entry.engineId);
      if (entry.fingerprint !== undefined && isFinal(entry)) {
        this.known.set(entry.engineId, { fingerprint: entry.fingerprint, seen });
      } else {
        this.known.delete(entry.engineId);
      }
      return seen;
    } catch (error) {
      if (statusOf(error) !== 404) throw error;
      this.known.delete(entry.engineId);
      return undefined;
    }
  }
}

/** Two runs that end within one second have one fingerprint, so an end is kept only when its second is over. */
function isFinal(entry: Listed): boolean {
  return entry.endedSecond === undefined || systemClock.now() >= (entry.endedSecond + 2) * 1000;
}

/** The engine says it runs, and its process is gone. */
function endedUnnoticed(seen: ObservedContainer): boolean {
  return (seen.state === 'running' || seen.state === 'paused') && seen.pid > 0 && !isAlive(seen.pid);
}

function isAlive(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return !['Z', 'X'].includes(stat.charAt(stat.lastIndexOf(')') + 2));
  } catch {
    return false;
  }
}
