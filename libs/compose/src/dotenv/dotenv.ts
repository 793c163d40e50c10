import { invalid } from '#lib/common';
import { substitute, type Lookup } from '../interpolation/template.js';

const KEY = /[^\s=:#'"]*/y;
const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
  c: '',
  '\\': '\\',
  "'": "'",
  '"': '"',
  $: '$$',
};

/**
 * The grammar of `.env` and `env_file`: `KEY=value` or `KEY: value`, with `export` before it or not; `#` comments (after a
 * value only with a blank before); single quotes are literal, double quotes know escapes, both may span lines; variables
 * are replaced except in single quotes, from `lookup` and then from earlier lines. A key alone takes its value from `lookup`, and is left out
 * when that has none. Throws `invalid` with `file:line`.
 */
export function parseDotenv(text: string, file: string, lookup: Lookup = () => undefined): Record<string, string> {
  return new DotenvParser(text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n'), file, lookup).parse();
}

/**
 * `format: raw`: `KEY=value` lines as they are: no quotes, escapes, variables or comments after values. A key alone is as in
 * `parseDotenv`.
 */
export function parseRawEnv(text: string, file: string, lookup: Lookup = () => undefined): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [index, line] of text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .entries()) {
    if (/^\s*(#|$)/.test(line)) continue;
    const equals = line.indexOf('=');
    const key = (equals < 0 ? line : line.slice(0, equals)).trim();
    if (key === '' || /\s/.test(key)) throw invalid(`${file}:${index + 1}: expected KEY=value, found "${line}"`);
    const value = equals < 0 ? lookup(key) : line.slice(equals + 1);
    if (value !== undefined) result[key] = value;
  }
  return result;
}

class DotenvParser {
  private at = 0;
  private readonly values = new Map<string, string>();

  constructor(
    private readonly text: string,
    private readonly file: string,
    private readonly lookup: Lookup,
  ) {}

  parse(): Record<string, string> {
    for (;;) {
      this.skip(/\s*/y);
      if (this.at >= this.text.length) return Object.fromEntries(this.values);
      if (this.text[this.at] === '#') this.restOfLine();
      else this.assignment();
    }
  }

  private assignment(): void {
    this.skip(/export[ \t]+(?![=:])/y);
    const key = this.skip(KEY);
    this.skip(/[ \t]*/y);
    const separator = this.text[this.at];
    if (separator === '=' || separator === ':') {
      this.at++;
      this.values.set(key, this.value(key));
    } else if (separator === undefined || separator === '\n' || separator === '#') {
      this.restOfLine();
      const inherited = this.lookup(key);
      if (inherited !== undefined) this.values.set(key, inherited);
    } else {
      const shown = `"${key} ${this.restOfLine()}"`;
      throw this.error(`unexpected character "${separator}" in ${shown}; expected KEY=value`);
    }
  }

  private value(key: string): string {
    const begin = this.at;
    this.skip(/[ \t]*/y);
    const blank = this.at > begin;
    const quote = this.text[this.at];
    if (quote === '"' || quote === "'") {
      const quoted = this.quoted(quote, key);
      // What follows a closing quote is a comment.
      this.restOfLine();
      return quote === "'" ? quoted : this.expand(quoted);
    }
    return this.expand(
      this.restOfLine()
        // Without a blank before it, it is of the value: `COLOR=#ff0000`.
        .replace(blank ? /(^|\s)#.*$/ : /\s#.*$/, '')
        .trim(),
    );
  }

  /** The text up to the closing quote; escapes are resolved in double quotes, and `\'` in single ones. */
  private quoted(quote: string, key: string): string {
    const start = this.at++;
    let result = '';
    for (; this.at < this.text.length; this.at++) {
      const char = this.text[this.at]!;
      if (char === quote) {
        this.at++;
        return result;
      }
      if (char !== '\\') result += char;
      else if (quote === "'") result += this.text[this.at + 1] === "'" ? this.text[++this.at]! : '\\';
      else result += this.escape();
    }
    this.at = start;
    throw this.error(`the value of ${key} has no closing ${quote}`);
  }

  private escape(): string {
    const octal = /^\\0([0-7]{1,3})/.exec(this.text.slice(this.at, this.at + 5));
    if (octal) {
      this.at += octal[0].length - 1;
      return String.fromCharCode(Number.parseInt(octal[1]!, 8));
    }
    const next = this.text[this.at + 1];
    const known = next === undefined ? undefined : ESCAPES[next];
    if (known === undefined) return '\\';
    this.at++;
    return known;
  }

  private expand(value: string): string {
    if (!value.includes('$')) return value;
    return substitute(value, (name) => this.lookup(name) ?? this.values.get(name));
  }

  private skip(pattern: RegExp): string {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0] ?? '';
    this.at += found.length;
    return found;
  }

  private restOfLine(): string {
    return this.skip(/[^\n]*/y);
  }

  private error(message: string): Error {
    const line = this.text.slice(0, this.at).split('\n').length;
    return invalid(`${this.file}:${line}: ${message}`);
  }
}
