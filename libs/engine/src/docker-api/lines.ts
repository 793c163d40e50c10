import type { LogLine } from '../engine.js';

const TIME = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)) ?/;

type Stream = LogLine['stream'];

/**
 * Puts lines together out of pieces. An engine writes a long or unfinished line in several frames; with timestamps each
 * frame begins with one, and the line's time is that of its first.
 */
export class LineAssembler {
  private readonly open = new Map<Stream, { time?: string; text: string }>();

  constructor(private readonly timestamps: boolean) {}

  /** @param framed a frame begins here, so that a time may stand at its beginning */
  *push(stream: Stream, piece: string, framed: boolean): Generator<LogLine> {
    let startsFrame = framed;
    let rest = piece;
    while (rest !== '') {
      const end = rest.indexOf('\n');
      this.extend(stream, end < 0 ? rest : rest.slice(0, end), startsFrame);
      startsFrame = false;
      if (end < 0) return;
      yield* this.close(stream);
      rest = rest.slice(end + 1);
    }
  }

  /** What is left over at the end of the stream. */
  *flush(): Generator<LogLine> {
    for (const stream of ['stdout', 'stderr'] as const) if (this.open.has(stream)) yield* this.close(stream);
  }

  private extend(stream: Stream, text: string, startsFrame: boolean): void {
    const line = this.open.get(stream);
    if (!this.timestamps || (line && !startsFrame)) {
      this.open.set(stream, { ...line, text: (line?.text ?? '') + text });
      return;
    }
    const time = TIME.exec(text);
    const body = time ? text.slice(time[0].length) : text;
    this.open.set(stream, { time: line ? line.time : time?.[1], text: (line?.text ?? '') + body });
  }

  private *close(stream: Stream): Generator<LogLine> {
    const line = this.open.get(stream) ?? { text: '' };
    this.open.delete(stream);
    const text = line.text.endsWith('\r') ? line.text.slice(0, -1) : line.text;
    yield { stream, ...(line.time !== undefined && { time: line.time }), line: text };
  }
}
