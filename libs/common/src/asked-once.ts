/**
 * A question about a text that is asked once, whoever else asks meanwhile. Its answer stands for good where it is to be
 * kept, for as long as there are not more than `limit` of them: then all are forgotten. A failure is not kept.
 */
export function askedOnce<T>(
  limit: number,
  ask: (text: string) => Promise<T>,
  isKept: (text: string, answer: T) => boolean = () => true,
): (text: string) => Promise<T> {
  const answers = new Map<string, Promise<T>>();
  return (text) => {
    const known = answers.get(text);
    if (known) return known;
    if (answers.size >= limit) answers.clear();
    const answer = ask(text);
    answers.set(text, answer);
    const forget = () => void (answers.get(text) === answer && answers.delete(text));
    answer.then((value) => isKept(text, value) || forget(), forget);
    return answer;
  };
}
