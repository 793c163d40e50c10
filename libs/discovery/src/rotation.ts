/** What rotates: records in ascending order of `order(i)`, and the number under which its turns are counted. */
export interface Rotating {
  readonly cursor: number;
  /** another one for every change of the set */
  readonly version: number;
  readonly count: number;
  order(index: number): number;
}

interface Turn {
  version: number;
  next: number;
  /** the order of the record whose turn it is */
  order: number;
}

/**
 * Whose turn it is to be first: one object for each asker, so that one asker's questions do not disturb another's.
 * Over count × k questions each record is first exactly k times. When the set changes, it is the turn of the record
 * that would have been next, or of its successor.
 */
export class Turns {
  readonly #turns = new Map<number, Turn>();

  /** The index of the record that is first in this answer. */
  next(set: Rotating): number {
    if (set.count < 2) return 0;
    let turn = this.#turns.get(set.cursor);
    if (!turn) {
      turn = { version: set.version, next: 0, order: 0 };
      this.#turns.set(set.cursor, turn);
    } else if (turn.version !== set.version) {
      turn.version = set.version;
      turn.next = successor(set, turn.order);
    }
    const first = turn.next;
    turn.next = first + 1 === set.count ? 0 : first + 1;
    turn.order = set.order(turn.next);
    return first;
  }
}

function successor(set: Rotating, order: number): number {
  for (let index = 0; index < set.count; index++) if (set.order(index) >= order) return index;
  return 0;
}

/** Gives names of sets their numbers; a set that changes keeps its own. */
export class Cursors {
  readonly #numbers = new Map<string, number>();

  of(key: string): number {
    const number = this.#numbers.get(key) ?? this.#numbers.size + 1;
    this.#numbers.set(key, number);
    return number;
  }
}
