/** Namespaces that an audit looks at: each look takes about a millisecond. */
const LOOKS = 20;

/** Whose turn it is to be looked at: some at a time, until all were. */
export class Rounds {
  /** ids that this round has not come to yet */
  private due: string[] = [];

  /** Of `known`; the rest is for the calls that follow. */
  next(known: Iterable<string>): string[] {
    const there = new Set(known);
    if (this.due.length === 0) this.due = [...there];
    return this.due.splice(0, LOOKS).filter((id) => there.has(id));
  }
}
