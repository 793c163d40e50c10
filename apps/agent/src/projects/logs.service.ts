import { Inject, Injectable } from '@nestjs/common';
import { notFound, SkepError } from '#lib/common';
import type { LogEvent } from '#lib/contracts';
import type { Container } from '#lib/domain';
import type { Engine } from '#lib/engine';
import type { Store } from '#lib/store';
import { ENGINE, STORE } from '../node/tokens.js';
import { World } from '../reconciler/world.js';
import { ProjectViews } from './project-views.service.js';

export interface LogsRequest {
  follow: boolean;
  tail?: number;
  since?: number;
  /** empty: all */
  services: string[];
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

  async stream(
    project: string,
    request: LogsRequest,
    emit: (event: LogEvent) => void,
    signal: AbortSignal,
  ): Promise<void> {
    if (this.chosen(project, request).length === 0)
      throw notFound(`no container of project ${project} to read logs of`);
    const followed = new Map<string, Promise<void>>();
    let since = request.since;
    let { tail } = request;
    do {
      for (const container of this.chosen(project, request)) {
        const seen = this.world.container(container.id);
        const run = `${container.id} ${seen?.startedAt ?? ''}`;
        if (!seen || followed.has(run)) continue;
        followed.set(run, this.one(container, seen.engineId, { ...request, since, tail }, emit, signal));
      }
      if (!request.follow) break;
      // Later runs and later containers are read from where they begin.
      since = undefined;
      tail = undefined;
      await this.change(signal);
    } while (!signal.aborted && this.chosen(project, request).some((container) => this.goesOn(container)));
    await Promise.all(followed.values());
  }

  private async one(
    container: Container,
    engineId: string,
    { follow, since, tail }: LogsRequest,
    emit: (event: LogEvent) => void,
    signal: AbortSignal,
  ): Promise<void> {
    try {
      for await (const { stream, time, line } of this.engine.logs(engineId, {
        follow,
        since,
        tail,
        timestamps: true,
        signal,
      })) {
        emit({ container: container.name, service: container.service ?? '', stream, time, line });
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
