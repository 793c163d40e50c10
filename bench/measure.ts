import type { Stage } from './stage/stage.js';

/** What is asked for: how skep's figure must relate to `ratio` times the peer's, or to a figure of its own. */
export type Bar = { relation: '>=' | '<=' | '<' } & ({ ratio: number } | { figure: number });

/** One line of the table. Figures are one a round, all in `unit`. */
export interface Comparison {
  what: string;
  unit: 'questions/s' | 'connections/s' | 'ms' | 'MiB' | 'Gbit/s';
  skep: number[];
  peer: string;
  theirs: number[];
  bar: Bar;
}

export interface MeasureOptions {
  rounds: number;
}

/** A measure leaves the stage as it found it. */
export type Measure = (stage: Stage, options: MeasureOptions) => Promise<Comparison[]>;
