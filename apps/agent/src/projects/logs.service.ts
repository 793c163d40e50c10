import { Inject, Injectable } from '@nestjs/common';
import { notFound, SkepError } from '#lib/common';
import type { LogEvent } from '#lib/contracts';
import type { Container } from '#lib/domain';
import { linesOf, nanoOf, type Engine, type LogOptions } from '#lib/engine';
import type { Store } from '#lib/store';
import { ENGINE, STORE } from '../node/tokens.js';
import { World } from '../reconciler/world.js';
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

/** From where a container's log is read next. */
type Place = Pick<LogOptions, 'since' | 'tail'>;

/** The logs of a project's containers in one stream; with `follow` it takes up containers and runs as they come. */
@Injectable()
export class LogsService {
  constructor(
    @Inject(STORE) private readonly store: Store,
    @Inject(ENGINE) private readonly engine: Engine,
    private readonly world: World,
    private readonly views: ProjectViews,
  ) {}

  async stream(project: string, request: LogsRequest, to: LogsSink): Promise<void> {
    const { signal } = to;
    if (this.chosen(project, request).length === 0)
      throw notFound(`no container of project ${project} to read logs of`);
    const followed = new Map<string, Promise<void>>();
    const places = new Map<string, Place>();
    // Containers that come later are read from where they begin.
    for (let fresh: Place = { since: request.since, tail: request.tail }; ; fresh = {}) {
      for (const container of this.chosen(project, request)) {
        const seen = this.world.container(container.id);
        const run = `${container.id} ${seen?.startedAt ?? ''}`;
        if (!seen || followed.has(run)) continue;
        const place = places.get(container.id) ?? { ...fresh };
        places.set(container.id, place);
        const before = followed.get(container.id) ?? Promise.resolve();
        const reading = before.then(() => this.one(container, seen.engineId, place, request.follow, to));
        followed.set(run, reading).set(container.id, reading);
      }
      if (!request.follow) break;
      await this.change(signal);
      if (signal.aborted || !this.chosen(project, request).some((container) => this.goesOn(container))) break;
    }
    await Promise.all(followed.values());
  }

  private async one(
    container: Container,
    engineId: string,
    place: Place,
    follow: boolean,
    { emit, drained, signal }: LogsSink,
  ): Promise<void> {
    const options = { ...place, follow, signal };
    // The next run is read from where this one ends.
    if (place.tail !== undefined) Object.assign(place, { tail: undefined, since: BigInt(Date.now()) * 1_000_000n });
    try {
      for await (const { stream, time, line } of linesOf(await this.engine.logs(engineId, options))) {
        emit({ container: container.name, service: container.service ?? '', stream, time, line });
        place.since = nanoOf(time) + 1n;
        await drained();
      }
    } catch (error) {
      if (!SkepError.is(error, 'not_found') && !signal.aborted) throw error;
    }
  }

  private chosen(project: string, { services }: LogsRequest): Container[] {
    return this.views.members(project).filter((each) => services.length === 0 || services.includes(each.service ?? ''));
  }

  private goesOn(container: Container): boolean {
    return container.target === 'running' && this.store.get('status', container.id)?.value.finished !== true;
  }

  /** A moment: runs begin and end far less often than this looks. */
  private change(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, 200);
      signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
    });
  }
}
