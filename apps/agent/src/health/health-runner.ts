import { Inject, Injectable, Logger } from '@nestjs/common';
import { after, messageOf, SkepError, steadyClock } from '#lib/common';
import { afterProbe, probeInterval, type Container, type Healthcheck, type ObservedContainer } from '#lib/domain';
import type { Engine } from '#lib/engine';
import type { Store } from '#lib/store';
import { ENGINE, STORE } from '../node/tokens.js';
import { World } from '../world/world.js';
import { ProbeLog, type ProbeResult } from './probe-log.js';

/** Of a container. */
interface Run {
  pid: number;
  /** by the steady clock */
  startedAt: number;
}

/** Probes every running container that has a health check. A change of health is a commit; discovery and planner follow it. */
@Injectable()
export class HealthRunner {
  private readonly log = new Logger('health');
  /** of each container's present run */
  readonly probes = new ProbeLog();
  /** container id → the run that is being probed, and what calls the next probe off */
  private readonly rounds = new Map<string, Run & { callOff: () => void }>();

  constructor(
    @Inject(STORE) private readonly store: Store,
    @Inject(ENGINE) private readonly engine: Engine,
    private readonly world: World,
  ) {}

  /** Called with our id of a container whenever it was looked at. */
  consider(id: string): void {
    const container = this.store.get('container', id)?.value;
    const seen = this.world.container(id);
    const pid = container?.healthcheck && seen?.state === 'running' ? seen.pid : 0;
    const round = this.rounds.get(id);
    if (round?.pid === pid) return;
    round?.callOff();
    this.rounds.delete(id);
    if (pid !== 0 || !seen) this.probes.forget(id);
    if (pid === 0 || !container?.healthcheck || !seen) return;
    this.schedule(container, container.healthcheck, { pid, startedAt: steadyClock.now() - ageOf(seen) });
  }

  stop(): void {
    for (const { callOff } of this.rounds.values()) callOff();
    this.rounds.clear();
  }

  private schedule(container: Container, check: Healthcheck, run: Run): void {
    const health = this.store.get('status', container.id)?.value.health ?? 'starting';
    const wait = probeInterval(check, health, steadyClock.now() - run.startedAt);
    const callOff = after(wait, () => void this.round(container, check, run));
    this.rounds.set(container.id, { ...run, callOff });
  }

  private async round(container: Container, check: Healthcheck, run: Run): Promise<void> {
    const { pid } = run;
    const seen = this.world.container(container.id);
    if (!seen || seen.pid !== pid) return;
    const sinceStartMs = steadyClock.now() - run.startedAt;
    const result = await this.probe(seen.engineId, check);
    if (this.rounds.get(container.id)?.pid !== pid) return;
    if (result) {
      this.probes.note(container.id, result);
      await this.record(container, check, { passed: result.exitCode === 0, sinceStartMs });
    }
    if (this.rounds.get(container.id)?.pid === pid) this.schedule(container, check, run);
  }

  /** Undefined: the engine could not say; that is no verdict on the container. */
  private async probe(engineId: string, check: Healthcheck): Promise<ProbeResult | undefined> {
    const [kind, ...rest] = check.test;
    const argv = kind === 'CMD-SHELL' ? ['/bin/sh', '-c', rest.join(' ')] : rest;
    const start = new Date().toISOString();
    const ended = (exitCode: number, output: string) => ({ start, end: new Date().toISOString(), exitCode, output });
    try {
      const { exitCode, output } = await this.engine.exec(engineId, argv, { timeoutMs: check.timeoutMs });
      return ended(exitCode, output);
    } catch (error) {
      if (SkepError.is(error, 'unavailable') || SkepError.is(error, 'not_found')) return undefined;
      const late = SkepError.is(error, 'timeout');
      return ended(-1, late ? `Health check exceeded timeout (${check.timeoutMs / 1000}s)` : messageOf(error));
    }
  }

  /** @param probe what came of it, and how long the container had run when it began */
  private async record(
    container: Container,
    check: Healthcheck,
    probe: { passed: boolean; sinceStartMs: number },
  ): Promise<void> {
    try {
      await this.store.transact((view) => {
        const status = view.get('status', container.id)?.value;
        if (!status) return { changes: [], result: undefined };
        const next = afterProbe(check, status, probe);
        if (next.health === status.health && next.failingStreak === status.failingStreak) {
          return { changes: [], result: undefined };
        }
        return { changes: [{ op: 'put', kind: 'status', value: { ...status, ...next } }], result: undefined };
      });
    } catch (error) {
      this.log.error(`health of ${container.name} could not be written: ${messageOf(error)}`);
    }
  }
}

/** How long it has run, by the time of day; 0 where that is not known, or was set back since. */
function ageOf({ startedAt }: ObservedContainer): number {
  return Math.max(0, Date.now() - Date.parse(startedAt)) || 0;
}
