import { invalid } from '#lib/common';
import type { Value } from '../values.js';

/** Splits a command line into words as a shell does: blanks, both quotes and backslash; nothing is expanded. */
export function splitWords(line: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote = '';
  for (let index = 0; index < line.length; index++) {
    const char = line[index]!;
    if (quote) {
      if (char === quote) quote = '';
      else if (char === '\\' && quote === '"' && '"\\$`\n'.includes(line[index + 1] ?? ' ')) word += line[++index]!;
      else word += char;
    } else if (char === '"' || char === "'") {
      quote = char;
      word ??= '';
    } else if (char === '\\') {
      word = (word ?? '') + (line[++index] ?? '');
    } else if (/\s/.test(char)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else {
      word = (word ?? '') + char;
    }
  }
  if (quote) throw invalid(`the command line ${JSON.stringify(line)} has no closing ${quote}`);
  if (word !== undefined) words.push(word);
  return words;
}

/** `command`, `entrypoint`: a line becomes words. */
export const commandWords = (value: Value): Value =>
  typeof value === 'string' ? splitWords(value) : Array.isArray(value) ? value.map(wordOf) : value;

const wordOf = (item: Value): Value => (typeof item === 'number' || typeof item === 'boolean' ? String(item) : item);

/** `healthcheck.test`: a line is for the shell. */
export const healthcheckTest = (value: Value): Value =>
  typeof value === 'string' ? ['CMD-SHELL', value] : Array.isArray(value) ? value.map(wordOf) : value;
