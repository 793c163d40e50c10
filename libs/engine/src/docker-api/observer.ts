import type Docker from 'dockerode';
import type { ContainerInspectInfo } from 'dockerode';
import { isAlive, steadyClock, systemClock, type ErrorCode } from '#lib/common';
import type { ObservedContainer } from '#lib/domain';
import type { EngineDialect, Listed } from './dialect.js';
import { statusOf, toSkepError, wordsOf } from './errors.js';
import { fromInspect, withoutFiles } from './observed.js';

/** How long an engine may take to notice that a process ended. */
const EXIT_LAG_MS = 3_000;
const EXIT_POLL_MS = 10;
const LOOKS = 10;
/** Inspections at the same time. */
const PARALLEL = 4;

/** Codes of refusals that are about no container. */
const OF_THE_ENGINE: ReadonlySet<ErrorCode> = new Set(['unavailable', 'exhausted']);

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
  /** ids of those that it was told of that they cannot be inspected */
  private readonly refused = new Set<string>();

  constructor(
    private readonly docker: Docker,
    private readonly dialect: EngineDialect,
    private readonly log: (message: string) => void,
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
    const seen = await this.look(engineId);
    if (!endedUnnoticed(seen)) return seen;
    const noticed = await this.settled(engineId);
    if (noticed) return noticed;
    this.dialect.noteLostExit?.(engineId);
    return this.look(engineId);
  }

  /** An engine that looks at a process which ends at that moment says that it is not there: it is asked again. */
  private async look(engineId: string): Promise<ObservedContainer> {
    for (let tries = 1; ; tries++) {
      try {
        const info = await this.docker.getContainer(engineId).inspect();
        this.dialect.observed?.(info);
        return fromInspect(info);
      } catch (error) {
        if (tries === LOOKS || !/no such process/.test(wordsOf(error))) throw error;
        await systemClock.sleep(EXIT_POLL_MS);
      }
    }
  }

  /** What the engine says once it has noticed; undefined when it does not. */
  private async settled(engineId: string): Promise<ObservedContainer | undefined> {
    const deadline = steadyClock.now() + EXIT_LAG_MS;
    while (steadyClock.now() < deadline) {
      const seen = await this.look(engineId);
      if (!endedUnnoticed(seen)) return seen;
      await systemClock.sleep(EXIT_POLL_MS);
    }
    return undefined;
  }

  /** Is the run over in which this inspection found the container? Asks the engine only when the process is gone. */
  async hasEnded({ Id, State }: ContainerInspectInfo): Promise<boolean> {
    if (State.Pid > 0 && isAlive(State.Pid)) return false;
    if (State.Pid === 0) return true;
    try {
      const seen = await this.inspect(Id);
      return seen.pid !== State.Pid || endedUnnoticed(seen);
    } catch (error) {
      if (isGone(error)) return true;
      // The engine is away: its word is awaited.
      if (statusOf(error) === undefined) return false;
      throw error;
    }
  }

  forget(engineId: string): void {
    this.known.delete(engineId);
    this.refused.delete(engineId);
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
      this.refused.delete(entry.engineId);
      return seen;
    } catch (error) {
      if (!isGone(error)) return this.unread(entry, error);
      this.forget(entry.engineId);
      return undefined;
    }
  }

  /** One that the engine refuses to look at hides no other; an engine that can look at nothing now hides them all. */
  private unread({ engineId, listed }: Listed, error: unknown): ObservedContainer {
    if (statusOf(error) === undefined || OF_THE_ENGINE.has(toSkepError(error, 'look at it').code)) throw error;
    const known = this.known.get(engineId)?.seen;
    const seen = known && isThere(known) ? known : listed();
    const words = wordsOf(error);
    const gone = !isThere(seen) && this.dialect.lacksFiles?.(words) === true;
    if (!this.refused.has(engineId)) {
      this.refused.add(engineId);
      const what = gone ? 'has lost its files' : 'cannot be looked at';
      this.log(`container ${seen.name} (${engineId.slice(0, 12)}) ${what}: ${words}`);
    }
    if (gone) return withoutFiles(seen);
    return isThere(seen) ? seen : { ...seen, state: 'other', pid: 0 };
  }
}

/** Podman answers 500 where the container goes while it is looked at. */
function isGone(error: unknown): boolean {
  return statusOf(error) === 404 || /no such container/i.test(wordsOf(error));
}

/** Two runs that end within one second have one fingerprint, so an end is kept only when its second is over. */
function isFinal(entry: Listed): boolean {
  return entry.endedSecond === undefined || systemClock.now() >= (entry.endedSecond + 2) * 1000;
}

/** The engine says it runs, and its process is gone. */
function endedUnnoticed(seen: ObservedContainer): boolean {
  return (seen.state === 'running' || seen.state === 'paused') && seen.pid > 0 && !isThere(seen);
}

function isThere({ pid }: ObservedContainer): boolean {
  return pid > 0 && isAlive(pid);
}
