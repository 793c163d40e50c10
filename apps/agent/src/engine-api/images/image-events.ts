import { Injectable } from '@nestjs/common';
import { EventLog } from '../../events/event-log.js';
import type { Removed } from './removal.js';
import type { Reference } from './reference.js';
import { toText } from './reference.js';

/** Tells of images in Docker's vocabulary. */
@Injectable()
export class ImageEvents {
  constructor(private readonly log: EventLog) {}

  /** What came or went over the network is known by its name. */
  moved(action: 'pull' | 'push', reference: Reference): void {
    this.log.record('image', action, { id: toText(reference), attributes: { name: reference.repository } });
  }

  /** @param id with its algorithm */
  happened(action: 'import' | 'load' | 'save' | 'tag', id: string, name: string = id): void {
    this.log.record('image', action, { id, attributes: { name } });
  }

  /** @param bytes that are free now */
  pruned(bytes: number): void {
    this.log.pruned('image', bytes);
  }

  removed(id: string, removed: readonly Removed[]): void {
    for (const { Untagged, Deleted } of removed) {
      if (Untagged) this.log.record('image', 'untag', { id, attributes: { name: id } });
      if (Deleted) this.log.record('image', 'delete', { id: Deleted, attributes: { name: Deleted } });
    }
  }
}
