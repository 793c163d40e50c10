/** What ip's words say: `dev eth0 mtu 1400 nodad`, each word once. */
export class Words {
  private constructor(private readonly found: ReadonlyMap<string, string>) {}

  /**
   * @param valued words with a value after them
   * @param plain words that stand alone
   * @returns undefined where there is any other word, or one twice: then the line says more than is understood here
   */
  static of(words: readonly string[], valued: readonly string[], plain: readonly string[] = []): Words | undefined {
    const found = new Map<string, string>();
    for (let at = 0; at < words.length; at++) {
      const word = words[at]!;
      if (found.has(word)) return undefined;
      if (plain.includes(word)) found.set(word, '');
      else if (valued.includes(word) && at + 1 < words.length) found.set(word, words[++at]!);
      else return undefined;
    }
    return new Words(found);
  }

  get(word: string): string | undefined {
    return this.found.get(word);
  }

  has(word: string): boolean {
    return this.found.has(word);
  }

  /** undefined: the word is not there, or its value is not a whole number */
  number(word: string): number | undefined {
    const value = this.found.get(word);
    return value !== undefined && /^\d{1,9}$/.test(value) ? Number(value) : undefined;
  }
}
