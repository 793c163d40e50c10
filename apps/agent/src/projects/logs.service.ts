import { setTimeout as pause } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { notFound, SkepError } from '#lib/common';
import type { LogEvent } from '#lib/contracts';
import type { Container } from '#lib/domain';
import { linesOf, nanoOf, type Engine, type LogOptions } from '#lib/engine';
import type { Store } from '#lib/store';
import { ENGINE, STORE } from '../node/tokens.js';
import { World } from '../world/world.js';
import { ProjectViews } from './project-views.service.js';

export interface LogsRequest {
  follow: boolean;
  tail?: number;
  /** nanoseconds since the epoch */
  since?: bigint;
  /** empty: all */
  services: string[];
}

/** Where the lines go. */
export interface LogsSink {
  emit(event: LogEvent): void;
  /** resolves when there is room for more */
  drained(): Promise<void>;
  /** nobody reads any more */
  signal: AbortSignal;
}

/** Runs begin and end far less often than they are looked for. Milliseconds. */
const LOOK_EVERY = 200;

/** From where a container's log is read next. */
interface Place extends Pick<LogOptions, 'since' | 'tail'> {
  /** its log driver keeps nothing that could be read, which was said once */
  unreadable?: boolean;
}

/** The logs of a project's containers in one stream; with `follow` it takes up containers and runs as they come. */
@Injectable()
export class LogsService {
  constructor(
    @Inject(STORE) private readonly store: Store,
    @Inject(ENGINE) private readonly engine: Engine,
    private readonly world: World,
    private readonly views: ProjectViews,
  ) {}

  /** Rejects with what keeps one of the logs from being read; then, and when it resolves, nothing more is emitted. */
  async stream(project: string, request: LogsRequest, to: LogsSink): Promise<void> {
    if (this.chosen(project, request).length === 0)
      throw notFound(`no container of project ${project} to read logs of`);
    const over = new AbortController();
    const signal = AbortSignal.any([to.signal, over.signal]);
    const followed = new Map<string, Promise<void>>();
    const places = new Map<string, Place>();
    try {
      // Containers that come later are read from where they begin.
      for (let fresh: Place = { since: request.since, tail: request.tail }; ; fresh = {}) {
        for (const container of this.chosen(project, request)) {
          const seen = this.world.container(container.id);
          const run = `${container.id} ${seen?.startedAt ?? ''}`;
          if (!seen || followed.has(run)) continue;
          const place = places.get(container.id) ?? { ...fresh };
          places.set(container.id, place);
          const before = followed.get(container.id) ?? Promise.resolve();
          const options = { follow: request.follow, signal };
          const reading = before.then(() => this.one(container, seen.engineId, place, options, to));
          // One that fails ends them all at once; why is thrown below.
          reading.catch(() => over.abort());
          followed.set(run, reading).set(container.id, reading);
        }
        if (!request.follow) break;
        await pause(LOOK_EVERY, undefined, { signal }).catch(() => undefined);
        if (signal.aborted || !this.chosen(project, request).some((container) => this.goesOn(container))) break;
      }
      await Promise.all(followed.values());
    } finally {
      over.abort();
    }
  }

  private async one(
    container: Container,
    engineId: string,
    place: Place,
    { follow, signal }: { follow: boolean; signal: AbortSignal },
    to: LogsSink,
  ): Promise<void> {
    if (place.unreadable) return;
    const { since, tail } = place;
    // The next run is read from where this one ends.
    if (tail !== undefined) Object.assign(place, { tail: undefined, since: BigInt(Date.now()) * 1_000_000n });
    const of = { container: container.name, service: container.service ?? '' };
    try {
      const log = await this.engine.logs(engineId, { since, tail, follow, signal });
      for await (const { stream, time, line } of linesOf(log)) {
        if (signal.aborted) return;
        to.emit({ ...of, stream, time, line });
        place.since = nanoOf(time) + 1n;
        await to.drained();
      }
    } catch (error) {
      if (SkepError.is(error, 'not_found') || signal.aborted) return;
      if (!SkepError.is(error, 'unsupported')) throw error;
      place.unreadable = true;
      to.emit({ ...of, stream: 'stderr', time: new Date().toISOString(), line: error.message, note: true });
    }
  }

  private chosen(project: string, { services }: LogsRequest): Container[] {
    return this.views.members(project).filter((each) => services.length === 0 || services.includes(each.service ?? ''));
  }

  private goesOn(container: Container): boolean {
    return container.target === 'running' && this.store.get('status', container.id)?.value.finished !== true;
  }
}
