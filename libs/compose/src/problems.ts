import { SkepError, type ErrorCode } from '#lib/common';
import { located, positionOf } from './origins.js';
import type { Path } from './values.js';

/** Collects what is wrong with one model, so that people see every problem of a file at once. */
export class Problems {
  private readonly messages: string[] = [];

  constructor(private readonly root: unknown) {}

  add(path: Path, message: string): void {
    this.messages.push(located(positionOf(this.root, path), message));
  }

  /** Throws one error that names every problem, a line each; nothing when there is none. */
  throwIfAny(code: ErrorCode = 'invalid'): void {
    if (this.messages.length > 0) throw new SkepError(code, [...new Set(this.messages)].join('\n'));
  }
}
