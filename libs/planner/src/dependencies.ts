import { groupBy } from '#lib/common';
import { unmet, type Container, type Dependency, type Observed } from '#lib/domain';
import type { Desired } from './desired.js';
import { stepId } from './steps.js';

interface Dependent {
  by: Container;
  service: string;
}

/** Who waits for whom among the containers of each project. */
export class DependencyView {
  private readonly byService: ReadonlyMap<string, readonly Container[]>;
  /** service → containers that depend on it */
  private readonly dependents: ReadonlyMap<string, readonly Dependent[]>;
  private readonly starting = new Set<string>();

  constructor(
    private readonly desired: Desired,
    private readonly observed: Observed,
  ) {
    this.byService = groupBy(desired.containers, (each) => serviceKey(each.project, each.service));
    const all = desired.containers.flatMap((by) => by.dependsOn.map(({ service }) => ({ by, service })));
    this.dependents = groupBy(all, ({ by, service }) => serviceKey(by.project, service));
  }

  /** Every container, those that are depended on first. */
  inStartOrder(): Container[] {
    const ordered: Container[] = [];
    const seen = new Set<string>();
    const visit = (container: Container): void => {
      if (seen.has(container.id)) return;
      seen.add(container.id);
      for (const dependency of container.dependsOn) this.targets(container, dependency).forEach(visit);
      ordered.push(container);
    };
    this.desired.containers.forEach(visit);
    return ordered;
  }

  /** Notes that the plan starts this container: `service_started` can then be met within the plan. */
  willStart(container: Container): void {
    this.starting.add(container.id);
  }

  /** Ids of the steps that must come before the start, or why it cannot be planned yet. */
  before(container: Container): { after: string[] } | { why: string; failed: boolean } {
    const after: string[] = [];
    for (const dependency of container.dependsOn) {
      for (const target of this.targets(container, dependency)) {
        const blocked = unmet(
          dependency,
          target,
          this.desired.statuses.get(target.id),
          this.observed.containers.get(target.id),
        );
        if (!blocked) continue;
        if (dependency.condition === 'service_started' && this.starting.has(target.id)) {
          after.push(stepId('container.start', target.id));
        } else if (dependency.required || !blocked.failed) {
          return blocked;
        }
      }
    }
    return { after };
  }

  /** Containers whose service declares that it depends on this one's. */
  dependentsOf(container: Container): Container[] {
    if (!container.project) return [];
    const dependents = this.dependents.get(serviceKey(container.project, container.service)) ?? [];
    return dependents.map(({ by }) => by);
  }

  private targets(container: Container, dependency: Dependency): Container[] {
    const all = this.byService.get(serviceKey(container.project, dependency.service)) ?? [];
    return all.filter((each) => each.target === 'running');
  }
}

function serviceKey(project: string | undefined, service: string | undefined): string {
  return `${project ?? ''}/${service ?? ''}`;
}
