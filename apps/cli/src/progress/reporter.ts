import type { ProgressEvent } from '#lib/contracts';

/** Shows the events of one request as they come. */
export interface Reporter {
  show(event: ProgressEvent): void;
  /** nothing more will come; what was drawn stays */
  end(): void;
}
