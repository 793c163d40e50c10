import { open, stat, type FileHandle } from 'node:fs/promises';
import { namesOf } from './older.js';

interface Piece {
  file: FileHandle;
  inode: number;
  /** of its first byte in the log */
  begin: number;
  /** of the older ones it stays; the last one may have grown */
  size: number;
}

/** The files of a log as one: older ones, and the last, which is written to. Offsets count from the first one's beginning. */
export class LogPieces {
  private constructor(
    private readonly path: string,
    private readonly pieces: readonly Piece[],
  ) {}

  /**
   * Undefined: there is none, yet or any more.
   * @param after the inode of a file that has been read: what is older is left out
   */
  static async open(path: string, after?: number): Promise<LogPieces | undefined> {
    const found: Omit<Piece, 'begin'>[] = [];
    // The newest first: what is renamed meanwhile is found twice, and not missed.
    for (const name of namesOf(path)) {
      const piece = await openPiece(name);
      if (!piece) continue;
      const known = found.some(({ inode }) => inode === piece.inode);
      if (!known && piece.inode !== after) found.push(piece);
      else await piece.file.close();
      if (piece.inode === after) break;
    }
    let begin = 0;
    const pieces = found.reverse().map((piece) => ({ ...piece, begin: (begin += piece.size) - piece.size }));
    return pieces.length > 0 ? new LogPieces(path, pieces) : undefined;
  }

  /** When it was opened. */
  get size(): number {
    return this.last.begin + this.last.size;
  }

  /** Of the file that is written to. */
  get inode(): number {
    return this.last.inode;
  }

  /** As of one file: fewer bytes than asked for come at its end only. */
  async read(buffer: Buffer, offset: number, length: number, position: number) {
    let bytesRead = 0;
    for (const { file, begin, size } of this.pieces) {
      const end = begin === this.last.begin ? Infinity : begin + size;
      const at = position + bytesRead;
      if (bytesRead === length || at < begin || at >= end) continue;
      const most = Math.min(length - bytesRead, end - at);
      bytesRead += (await file.read(buffer, offset + bytesRead, most, at - begin)).bytesRead;
    }
    return { buffer, bytesRead };
  }

  /** Has another file taken the last one's place, or has it been cut? Then nothing is written to it any more. */
  async isOver(position: number): Promise<boolean> {
    const there = await stat(this.path).catch(() => undefined);
    return there !== undefined && (there.ino !== this.inode || there.size < position - this.last.begin);
  }

  async close(): Promise<void> {
    await Promise.all(this.pieces.map(({ file }) => file.close()));
  }

  private get last(): Piece {
    return this.pieces.at(-1)!;
  }
}

async function openPiece(path: string): Promise<Omit<Piece, 'begin'> | undefined> {
  let file: FileHandle;
  try {
    file = await open(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const { ino: inode, size } = await file.stat();
  return { file, inode, size };
}
