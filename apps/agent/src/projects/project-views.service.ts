import { Inject, Injectable } from '@nestjs/common';
import { notFound } from '#lib/common';
import type { ContainerView, ProjectView } from '#lib/contracts';
import type { Container } from '#lib/domain';
import type { Store } from '#lib/store';
import { ContainerDirectory } from '../containers/container-directory.js';
import { STORE } from '../node/tokens.js';
import { ReconcilerBus } from '../reconciler/events.js';
import { containerView } from './views.js';

/** Projects and their containers, read only. */
@Injectable()
export class ProjectViews {
  /** container id → why it waits, by the latest plan */
  private waiting = new Map<string, string>();

  constructor(
    @Inject(STORE) private readonly store: Store,
    private readonly directory: ContainerDirectory,
    bus: ReconcilerBus,
  ) {
    bus.subscribe({
      planned: (plan) => (this.waiting = new Map(plan.waiting.map(({ container, why }) => [container.id, why]))),
    });
  }

  list(): ProjectView[] {
    return this.store.list('project').map((project) => this.project(project.name));
  }

  project(name: string): ProjectView {
    const project = this.store.get('project', name)?.value;
    if (!project) throw notFound(`no such project: ${name}`);
    const { workingDir, configFiles, model } = project;
    return { name, status: this.summary(name), workingDir, configFiles, model };
  }

  containers(project: string, all: boolean): ContainerView[] {
    const now = Date.now();
    const views = this.members(project).map((each) =>
      containerView(this.directory.about(each), this.store, this.waiting.get(each.id), now),
    );
    return all ? views : views.filter((view) => view.state !== 'exited' && view.state !== 'created');
  }

  members(project: string): Container[] {
    return this.store
      .list('container')
      .filter((each) => each.project === project && each.target !== 'removed')
      .sort((a, b) => compare(a.service, b.service) || (a.number ?? 0) - (b.number ?? 0));
  }

  /** `exited(1), running(2)` */
  private summary(project: string): string {
    const counts = new Map<string, number>();
    for (const { state } of this.containers(project, true)) counts.set(state, (counts.get(state) ?? 0) + 1);
    return [...counts]
      .sort(([a], [b]) => compare(a, b))
      .map(([state, count]) => `${state}(${count})`)
      .join(', ');
  }
}

function compare(a = '', b = ''): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
