import { open, stat, type FileHandle } from 'node:fs/promises';
import { parseEntry, type LogEntry } from './entry.js';

const BLOCK = 64 << 10;

/** An entry, and where it lies. */
export interface Placed {
  entry: LogEntry;
  offset: number;
}

/** The log file of a container, read onwards. The monitor writes a new one in its place when it has grown too large. */
export class LogFile {
  private behind = 0;
  private rest: Buffer = Buffer.alloc(0);

  private constructor(
    private readonly path: string,
    readonly file: FileHandle,
    private readonly inode: number,
    /** when it was opened */
    readonly size: number,
  ) {}

  /** Undefined: there is none, yet or any more. */
  static async open(path: string): Promise<LogFile | undefined> {
    let file: FileHandle;
    try {
      file = await open(path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
    const { ino, size } = await file.stat();
    return new LogFile(path, file, ino, size);
  }

  /** Behind the last whole entry that was read. */
  get position(): number {
    return this.behind;
  }

  close(): Promise<void> {
    return this.file.close();
  }

  /** Reads on from there: an offset at which an entry begins. */
  seek(offset: number): void {
    this.behind = offset;
    this.rest = Buffer.alloc(0);
  }

  /** The next entries, some at a time; undefined at the end of what is written. */
  async next(): Promise<Placed[] | undefined> {
    const at = this.behind + this.rest.length;
    const { buffer, bytesRead } = await this.file.read(Buffer.allocUnsafe(BLOCK), 0, BLOCK, at);
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

  /** Has another file taken this one's place, or has it been cut? Then nothing is written to it any more. */
  async isOver(): Promise<boolean> {
    const there = await stat(this.path).catch(() => undefined);
    return there !== undefined && (there.ino !== this.inode || there.size < this.behind);
  }
}
