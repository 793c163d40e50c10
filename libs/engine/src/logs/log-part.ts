import type { LogOptions } from '../engine.js';
import { timeText } from './log-time.js';

/** Which moments are asked for, both ends included. */
export class Period {
  private readonly since: string;
  private readonly until: string | undefined;

  constructor({ since, until }: Pick<LogOptions, 'since' | 'until'>) {
    this.since = since === undefined ? '' : timeText(since);
    this.until = until === undefined ? undefined : timeText(until);
  }

  before(time: string): boolean {
    return time < this.since;
  }

  after(time: string): boolean {
    return this.until !== undefined && time > this.until;
  }
}

const LINE_FEED = 10;

export const endsLine = (data: Buffer): boolean => data.at(-1) === LINE_FEED;
