import type { Path } from './values.js';

/** The text of one file, and where its lines begin. */
export class SourceText {
  private lineStarts?: number[];

  constructor(
    readonly file: string,
    readonly text: string,
  ) {}

  /** Line and column, both from 1, of a character offset. */
  position(offset: number): Position {
    this.lineStarts ??= [0, ...[...this.text.matchAll(/\n/g)].map((match) => match.index + 1)];
    let low = 0;
    let high = this.lineStarts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.lineStarts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return { file: this.file, line: low + 1, column: offset - this.lineStarts[low]! + 1 };
  }
}

export interface Position {
  file: string;
  /** from 1 */
  line: number;
  /** from 1 */
  column: number;
}

/** Where a key or a list item was written. */
export interface Origin {
  source: SourceText;
  offset: number;
}

/** Where the children of one mapping or list were written. Copies share it until one of them is marked. */
interface Marks {
  byKey: Map<string | number, Origin>;
  shared: boolean;
}

/**
 * Where each child of a mapping or list was written. It is kept beside the values and not in them, so that every phase
 * works on plain data, and what a phase makes anew without an origin takes that of the nearest ancestor.
 */
const marks = new WeakMap<object, Marks>();

export function mark(parent: object, key: string | number, origin: Origin | undefined): void {
  if (!origin) return;
  const known = marks.get(parent);
  if (known && !known.shared) known.byKey.set(key, origin);
  else marks.set(parent, { byKey: new Map(known?.byKey).set(key, origin), shared: false });
}

export function originIn(parent: object, key: string | number): Origin | undefined {
  return marks.get(parent)?.byKey.get(key);
}

/** `to` replaces `from` and has the same children. */
export function carryOrigins<T extends object>(from: object, to: T): T {
  const known = marks.get(from);
  if (known) {
    known.shared = true;
    marks.set(to, known);
  }
  return to;
}

/** Where the value at `path` below `root` was written, or its nearest ancestor that was. */
export function positionOf(root: unknown, path: Path): Position | undefined {
  let found: Origin | undefined;
  let holder: unknown = root;
  for (const key of path) {
    if (typeof holder !== 'object' || holder === null) break;
    found = originIn(holder, key) ?? found;
    holder = (holder as Record<string | number, unknown>)[key];
  }
  return found && found.source.position(found.offset);
}

export const positionText = (position: Position) => `${position.file}:${position.line}:${position.column}`;

/** The message with `file:line:column` before it, when that is known. */
export function located(position: Position | undefined, message: string): string {
  return position ? `${positionText(position)}: ${message}` : message;
}
