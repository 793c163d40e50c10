import { messageOf } from '#lib/common';
import type { ProgressEvent } from '#lib/contracts';
import type { Reporter } from '../progress/reporter.js';

type Resource = Extract<ProgressEvent, { type: 'progress' }>['resource'];

/** Tells a reporter what is done to the parts of a stack, and how it ended. */
export class Work {
  private readonly born = performance.now();
  private readonly warned = new Set<string>();

  constructor(private readonly reporter: Reporter) {}

  /** The same words are said once. */
  warn(message: string): void {
    if (this.warned.has(message)) return;
    this.warned.add(message);
    this.reporter.show({ type: 'warning', message });
  }

  /** @param words what is said while it is under way, and when it is done: `['Creating', 'Created']` */
  async on<T>(resource: Resource, name: string, words: readonly [string, string], act: () => Promise<T>): Promise<T> {
    this.say(resource, name, words[0], false);
    try {
      const result = await act();
      this.say(resource, name, words[1], true);
      return result;
    } catch (error) {
      this.say(resource, name, 'Error', true, messageOf(error));
      throw error;
    }
  }

  say(resource: Resource, name: string, state: string, done: boolean, message?: string): void {
    const elapsedMs = performance.now() - this.born;
    this.reporter.show({ type: 'progress', resource, name, state, done, elapsedMs, ...(message && { message }) });
  }

  end(): void {
    this.reporter.end();
  }
}
