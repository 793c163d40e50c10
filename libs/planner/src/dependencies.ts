import { unmet, type Container, type Dependency, type Observed } from '#lib/domain';
import type { Desired } from './desired.js';
import { stepId } from './steps.js';

/** Who waits for whom among the containers of each project. */
export class DependencyView {
  private readonly byService = new Map<string, Container[]>();
  private readonly starting = new Set<string>();

  constructor(
    private readonly desired: Desired,
    private readonly observed: Observed,
  ) {
    for (const container of desired.containers) {
      const key = serviceKey(container.project, container.service);
      const known = this.byService.get(key);
      if (known) known.push(container);
      else this.byService.set(key, [container]);
    }
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
    return this.desired.containers.filter(
      (other) =>
        other.project === container.project &&
        other.dependsOn.some((dependency) => dependency.service === container.service),
    );
  }

  private targets(container: Container, dependency: Dependency): Container[] {
    const all = this.byService.get(serviceKey(container.project, dependency.service)) ?? [];
    return all.filter((each) => each.target === 'running');
  }
}

function serviceKey(project: string | undefined, service: string | undefined): string {
  return `${project ?? ''}/${service ?? ''}`;
}
