/** What one probe of a health check came to. */
export interface ProbeResult {
  /** ISO 8601 */
  start: string;
  end: string;
  /** -1: it did not end in time, or could not be run */
  exitCode: number;
  output: string;
}

/** Of each container. */
const KEPT = 5;

/** The latest probes of each container's present run; they are told, and nothing follows from them. */
export class ProbeLog {
  private readonly results = new Map<string, ProbeResult[]>();

  note(containerId: string, result: ProbeResult): void {
    this.results.set(containerId, [...this.of(containerId), result].slice(-KEPT));
  }

  of(containerId: string): readonly ProbeResult[] {
    return this.results.get(containerId) ?? [];
  }

  forget(containerId: string): void {
    this.results.delete(containerId);
  }
}
