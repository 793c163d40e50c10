/**
 * A function of a text that computes the value of each text once, for as long as there are not more than `limit` of them:
 * then all are forgotten. For names and ids that follow from others by a digest and are asked for again and again.
 */
export function remembered<T>(limit: number, compute: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    let value = known.get(text);
    if (value === undefined) {
      if (known.size >= limit) known.clear();
      known.set(text, (value = compute(text)));
    }
    return value;
  };
}
