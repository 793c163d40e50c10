import { groupBy, isAhead } from '#lib/common';
import {
  administersNetwork,
  endpointKey,
  namedBy,
  isToRestart,
  putOffUntil,
  sandboxDigest,
  sharedContainer,
  sharedContainers,
  volumeContainers,
  type Container,
  type Observed,
  type ObservedContainer,
} from '#lib/domain';
import { DependencyView } from './dependencies.js';
import type { Desired } from './desired.js';
import { Leaving } from './leaving.js';
import { step, stepId, type Plan, type Step, type Waiting } from './steps.js';
import { mountedVolumes } from './volumes.js';

export function planContainers(desired: Desired, observed: Observed): Plan {
  return new ContainerPlan(desired, observed).build();
}

class ContainerPlan {
  private readonly steps: Step[] = [];
  private readonly waiting: Waiting[] = [];
  private wakeAt: number | undefined;
  private readonly dependencies: DependencyView;
  /** id of a container → those in its network namespace */
  private readonly sharers: ReadonlyMap<string | undefined, readonly Container[]>;
  /** id of a container → those in any of its namespaces */
  private readonly tied = new Map<string, Container[]>();
  private readonly leaving: Leaving;
  /** what the engine has, by name; names are its own, so nearly always one each */
  private readonly named: ReadonlyMap<string, readonly ObservedContainer[]>;
  private readonly links: ReadonlySet<string>;

  constructor(
    private readonly desired: Desired,
    private readonly observed: Observed,
  ) {
    this.dependencies = new DependencyView(desired, observed);
    this.leaving = new Leaving(desired.containers);
    this.named = groupBy(observed.containers.values(), (each) => each.name);
    this.links = new Set(observed.links);
    this.sharers = groupBy(desired.containers, sharedContainer);
    for (const container of desired.containers) {
      for (const id of sharedContainers(container)) this.tied.set(id, [...(this.tied.get(id) ?? []), container]);
    }
  }

  build(): Plan {
    for (const container of this.dependencies.inStartOrder()) this.planOne(container);
    return { steps: this.steps, waiting: this.waiting, wakeAt: this.wakeAt };
  }

  private planOne(container: Container): void {
    switch (container.target) {
      case 'running':
        if (this.restarts(container)) return this.add(this.stop(container));
        return this.isRunning(container) ? this.keepRunning(container) : this.bringUp(container);
      case 'stopped':
        return this.bringDown(container);
      case 'created':
        // Also of one that has run: whoever attaches before the start needs the namespace.
        this.ensureSandbox(container);
        return container.sandboxOnly ? this.ensureDns(container) : this.create(container);
      case 'removed':
        return this.tearDown(container);
    }
  }

  private keepRunning(container: Container): void {
    this.rename(container);
    this.ensureSandbox(container);
    this.ensureDns(container);
  }

  private rename(container: Container): void {
    const seen = this.observed.containers.get(container.id);
    if (seen && seen.name !== container.name)
      this.add(step({ kind: 'container.rename', container }, this.clear(container)));
  }

  /** Ids of the steps that take away what has the container's name in the engine. */
  private clear(container: Container): string[] {
    const inTheWay = (this.named.get(container.name) ?? []).filter((other) => other.id !== container.id);
    return inTheWay.flatMap((other) => [
      stepId('container.discard', other.engineId),
      stepId('container.remove', other.id),
      stepId('container.rename', other.id),
    ]);
  }

  private bringUp(container: Container): void {
    const status = this.desired.statuses.get(container.id);
    const seen = this.observed.containers.get(container.id);
    if (status?.finished) {
      this.rename(container);
      return this.dropSandbox(container);
    }
    // It has just ended, and what follows from that is not decided yet.
    if (seen?.state === 'other' || (seen?.state === 'exited' && seen.finishedAt !== (status?.endedAt ?? ''))) {
      if (isToRestart(container, seen)) this.waiting.push({ container, why: 'waiting to start again', failed: false });
      return;
    }
    const restartAt = putOffUntil(status, this.desired.now);
    if (restartAt !== undefined) return this.wake(restartAt);
    const order = this.dependencies.before(container);
    if ('why' in order) {
      this.waiting.push({ container, ...order });
      return;
    }
    this.create(container);
    this.ensureSandbox(container);
    this.ensureDns(container);
    this.dependencies.willStart(container);
    this.add(
      step({ kind: 'container.start', container }, [
        stepId('container.create', container.id),
        stepId('sandbox.ensure', container.id),
        stepId('dns.attach', container.id),
        stepId('translations.apply', container.id),
        stepId('rules.apply', 'node'),
        ...this.leaving.before(container).map((other) => stepId('container.remove', other.id)),
        ...order.after,
      ]),
    );
  }

  private create(container: Container): void {
    const seen = this.observed.containers.get(container.id);
    if (seen && seen.specHash === container.specHash) return this.rename(container);
    const after = this.clear(container);
    if (seen) {
      this.add(step({ kind: 'container.discard', observed: seen }));
      after.push(stepId('container.discard', seen.engineId));
    }
    // The engine would make a volume that is not there itself, without its driver, options and labels.
    const volumes = [...mountedVolumes(container)].map((name) => stepId('volume.create', name));
    // The engine is told of those whose namespaces it shares by ids of its own, and of volumes of others by what they have.
    const others = [...sharedContainers(container), ...volumeContainers(container)];
    const named = others.flatMap((name) => namedBy(container.id, name, this.desired.containers) ?? []);
    after.push(...named.map(({ id }) => stepId('container.create', id)));
    // The engine looks at the namespace already when it makes the container.
    const sandbox = stepId('sandbox.ensure', container.id);
    this.add(step({ kind: 'container.create', container }, [...after, ...volumes, sandbox]));
  }

  private ensureSandbox(container: Container): void {
    if (container.networkMode !== 'bridged') return;
    const keys = container.endpoints.map(({ networkId }) => endpointKey(container.id, networkId));
    const { endpoints, inside } = this.observed;
    const left = this.isUp(container) && this.administersItself(container);
    const complete = keys.every((key) => endpoints.has(key) && (left || inside.has(key)));
    const current = this.observed.sandboxes.get(container.id) === sandboxDigest(container);
    if (complete && current && this.hasNetns(container)) return;
    // An address may still be held by the container that this one replaces.
    const leaving = this.leaving.withAddressOf(container);
    this.add(
      step({ kind: 'sandbox.ensure', container }, [
        ...container.endpoints.map((endpoint) => stepId('network.ensure', endpoint.networkId)),
        // Its address is announced when its link comes up; rules on a physical segment let out what they know.
        stepId('rules.apply', 'node'),
        ...leaving.map((other) => stepId('sandbox.remove', other.id)),
      ]),
    );
  }

  private ensureDns(container: Container): void {
    if (container.networkMode !== 'bridged' || this.observed.resolving?.has(container.id)) return;
    this.add(step({ kind: 'dns.attach', container }, [stepId('sandbox.ensure', container.id)]));
  }

  private bringDown(container: Container): void {
    const { drainUntil, drainMs = Infinity } = container;
    if (this.isUp(container) && drainUntil !== undefined && isAhead(drainUntil, drainMs, this.desired.now)) {
      this.keepRunning(container);
      return this.wake(drainUntil);
    }
    this.rename(container);
    if (this.isUp(container)) this.add(this.stop(container));
    this.dropSandbox(container, [stepId('container.stop', container.id)]);
  }

  private tearDown(container: Container): void {
    const stopped = stepId('container.stop', container.id);
    const gone = [stepId('container.remove', container.id), stepId('sandbox.remove', container.id)];
    if (this.isUp(container)) this.add(this.stop(container));
    // Engines keep a container as long as another one is in its namespaces.
    const sharers = (this.tied.get(container.id) ?? []).map(({ id }) => stepId('container.remove', id));
    if (this.observed.containers.has(container.id)) {
      this.add(step({ kind: 'container.remove', container }, [stopped, ...sharers]));
    }
    // Nobody keeps the address of one that has ended, not even who keeps the engine from removing it.
    const ended = this.observed.containers.get(container.id)?.state === 'exited';
    this.dropSandbox(container, ended ? [stopped] : [stopped, gone[0]!]);
    this.add(step({ kind: 'container.forget', container }, [stopped, ...gone]));
  }

  private stop(container: Container): Step {
    const dependents = this.dependencies
      .dependentsOf(container)
      .filter((other) => other.target !== 'running' || this.restarts(other));
    return step({ kind: 'container.stop', container }, [
      ...dependents.map((other) => stepId('container.stop', other.id)),
      // Nobody here is led to it any more when it gets the signal.
      stepId('rules.apply', 'node'),
      // Nobody calls from a namespace that is still to be made, and making it may wait for this very stop, or never end.
      // Who may change its namespace may keep rules out of it for good.
      ...this.desired.containers
        .filter((other) => this.desired.translations.has(other.id))
        .filter((other) => this.hasNetns(other) && !this.administersItself(other))
        .map((other) => stepId('translations.apply', other.id)),
    ]);
  }

  private dropSandbox(container: Container, after: string[] = []): void {
    const present =
      this.hasNetns(container) ||
      container.endpoints.some((at) => this.links.has(this.desired.names.veth(container.id, at.networkId)));
    if (present) this.add(step({ kind: 'sandbox.remove', container }, after));
  }

  private hasNetns(container: Container): boolean {
    return this.observed.netns.has(this.desired.names.netns(container.id));
  }

  /** Then what differs in its namespace may be what it wants: it was complete when the container started. */
  private administersItself(container: Container): boolean {
    return [container, ...(this.sharers.get(container.id) ?? [])].some(administersNetwork);
  }

  private isRunning(container: Container): boolean {
    const seen = this.observed.containers.get(container.id);
    return this.isUp(container) && seen?.specHash === container.specHash;
  }

  private restarts(container: Container): boolean {
    return this.isUp(container) && isToRestart(container, this.observed.containers.get(container.id));
  }

  private isUp(container: Container): boolean {
    const state = this.observed.containers.get(container.id)?.state;
    return state === 'running' || state === 'paused';
  }

  private add(each: Step): void {
    this.steps.push(each);
  }

  private wake(at: number): void {
    this.wakeAt = Math.min(this.wakeAt ?? at, at);
  }
}
