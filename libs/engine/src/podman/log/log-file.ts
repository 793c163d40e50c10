import { parseEntry, type LogEntry } from './entry.js';
import { LogPieces } from './pieces.js';

const BLOCK = 64 << 10;

/** An entry, and where it lies. */
export interface Placed {
  entry: LogEntry;
  offset: number;
}

/** The log of a container, read onwards. The monitor begins a new file in place of one that has grown too large. */
export class LogFile {
  private behind = 0;
  private rest: Buffer = Buffer.alloc(0);

  private constructor(readonly pieces: LogPieces) {}

  /** Undefined: there is none, yet or any more. @param after what has been read: only what is newer is opened */
  static async open(path: string, after?: LogFile): Promise<LogFile | undefined> {
    const pieces = await LogPieces.open(path, after?.pieces.inode);
    return pieces && new LogFile(pieces);
  }

  /** Behind the last whole entry that was read. */
  get position(): number {
    return this.behind;
  }

  /** Has everything been read that was there when it was opened? */
  get isRead(): boolean {
    return this.behind >= this.pieces.size;
  }

  close(): Promise<void> {
    return this.pieces.close();
  }

  /** Reads on from there: an offset at which an entry begins. */
  seek(offset: number): void {
    this.behind = offset;
    this.rest = Buffer.alloc(0);
  }

  /** The next entries, some at a time; undefined at the end of what is written. */
  async next(): Promise<Placed[] | undefined> {
    const at = this.behind + this.rest.length;
    const { buffer, bytesRead } = await this.pieces.read(Buffer.allocUnsafe(BLOCK), 0, BLOCK, at);
    if (bytesRead === 0) return undefined;
    const bytes = Buffer.concat([this.rest, buffer.subarray(0, bytesRead)]);
    const all: Placed[] = [];
    let begin = 0;
    for (let feed = bytes.indexOf(10); feed >= 0; feed = bytes.indexOf(10, begin)) {
      const entry = parseEntry(bytes.subarray(begin, feed + 1));
      if (entry) all.push({ entry, offset: this.behind + begin });
      begin = feed + 1;
    }
    this.behind += begin;
    this.rest = bytes.subarray(begin);
    return all;
  }

  /** Has another file taken its place, or has it been cut? Then nothing is written to it any more. */
  isOver(): Promise<boolean> {
    return this.pieces.isOver(this.behind);
  }
}
