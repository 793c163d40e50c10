/**
 * Asks once and gives that answer to everybody for a while; who asks before it is there waits for it with the others.
 * A failure is not kept.
 * @param ms for how long, milliseconds from when it was asked
 */
export function kept<T>(ms: number, ask: () => Promise<T>): () => Promise<T> {
  let known: { answer: Promise<T>; at: number } | undefined;
  return () => {
    if (known && performance.now() - known.at <= ms) return known.answer;
    const mine = { answer: ask(), at: performance.now() };
    mine.answer.catch(() => {
      if (known === mine) known = undefined;
    });
    known = mine;
    return mine.answer;
  };
}
