import type { LogPart } from '../../engine.js';
import { endsLine } from '../../logs/log-part.js';
import type { LogEntry } from './entry.js';

/** What Docker's drivers gather of a line before they write it down, in bytes. */
const PART_LIMIT = 16 << 10;

interface Gathered {
  time: string;
  last: string;
  first: boolean;
  pieces: Buffer[];
  bytes: number;
}

/** Joins entries to lines, so that a line which was written bit by bit is one part unless it is long. */
export class Joined {
  private readonly gathered = new Map<LogEntry['stream'], Gathered>();
  private readonly begun = { stdout: false, stderr: false };

  /** The part that is complete with this entry, if one is. */
  push({ stream, time, data, ends }: LogEntry): LogPart | undefined {
    const open = this.gathered.get(stream);
    const now: Gathered = open ?? { time, last: time, first: !this.begun[stream], pieces: [], bytes: 0 };
    now.pieces.push(data);
    now.bytes += data.length;
    now.last = time;
    if (ends || now.bytes >= PART_LIMIT) return this.part(stream, now);
    this.gathered.set(stream, now);
    return undefined;
  }

  /** This entry is not wanted: what comes next of its stream begins a line for those who read. */
  skip({ stream }: LogEntry): void {
    this.begun[stream] = false;
  }

  /** What has been gathered, as it is: nobody knows when the rest will come. */
  *flush(): Generator<LogPart> {
    for (const [stream, open] of this.gathered) yield this.part(stream, open);
  }

  private part(stream: LogEntry['stream'], { time, last, first, pieces }: Gathered): LogPart {
    const data = pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
    this.gathered.delete(stream);
    this.begun[stream] = !endsLine(data);
    return { stream, time, ...(last !== time && { last }), data, first };
  }
}
