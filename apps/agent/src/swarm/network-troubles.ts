import { Inject, Injectable } from '@nestjs/common';
import type { Task } from '#lib/domain';
import { stepId, type Step } from '#lib/planner';
import type { Store } from '#lib/store';
import { STORE } from '../node/tokens.js';
import { ReconcilerBus } from '../reconciler/events.js';

const KINDS: readonly Step['kind'][] = ['network.ensure', 'tunnel.ensure'];

/** Why networks of this node are not there yet: what making each said last, until it is made. */
@Injectable()
export class NetworkTroubles {
  private readonly failures = new Map<string, string>();
  private readonly listeners: (() => void)[] = [];

  constructor(
    @Inject(STORE) private readonly store: Store,
    bus: ReconcilerBus,
  ) {
    bus.subscribe({
      failed: (step, error) => this.note(step, error.message),
      done: (step) => this.note(step, undefined),
    });
  }

  onChange(listener: () => void): void {
    this.listeners.push(listener);
  }

  /** undefined: its networks do not hold the task up */
  of({ attachments }: Task): string | undefined {
    if (this.failures.size === 0) return undefined;
    const steps = attachments.flatMap(({ networkId }) => {
      const sealed = this.store.get('network', networkId)?.value.overlay?.encryption !== undefined;
      return [...(sealed ? [stepId('tunnel.ensure', 'node')] : []), stepId('network.ensure', networkId)];
    });
    return steps.map((id) => this.failures.get(id)).find((failure) => failure !== undefined);
  }

  private note(step: Step, failure: string | undefined): void {
    if (!KINDS.includes(step.kind) || this.failures.get(step.id) === failure) return;
    if (failure === undefined) this.failures.delete(step.id);
    else this.failures.set(step.id, failure);
    for (const each of this.listeners) each();
  }
}
