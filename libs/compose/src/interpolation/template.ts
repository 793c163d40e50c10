import { invalid } from '#lib/common';

/** The value of a variable, or undefined when it is not set. */
export type Lookup = (name: string) => string | undefined;

const NAME = /[a-z_][a-z0-9_]*/iy;
const OPERATOR = /:?[-?+]/y;

/**
 * Replaces variables in `text`: `$NAME`, `${NAME}` and `${NAME<operator>word}` with the operators `-` (default), `?`
 * (required) and `+` (alternative), each also with `:` before it, which treats an empty value as unset. The word may hold
 * variables itself. `$$` is a literal dollar, and so is a `$` that no name or brace follows.
 * Throws `invalid` for a broken `${…}` and for a required variable without a value.
 */
export function substitute(text: string, lookup: Lookup, onUnset: (name: string) => void = () => {}): string {
  let result = '';
  let at = 0;
  for (;;) {
    const dollar = text.indexOf('$', at);
    if (dollar < 0) return result + text.slice(at);
    result += text.slice(at, dollar);
    const next = text[dollar + 1];
    if (next === '$') {
      result += '$';
      at = dollar + 2;
    } else if (next === '{') {
      const end = closingBrace(text, dollar + 1);
      result += braced(text, dollar, end, lookup, onUnset);
      at = end + 1;
    } else {
      const name = matchAt(NAME, text, dollar + 1);
      result += name === '' ? '$' : plain(name, lookup, onUnset);
      at = dollar + 1 + name.length;
    }
  }
}

function braced(text: string, start: number, end: number, lookup: Lookup, onUnset: (name: string) => void): string {
  const name = matchAt(NAME, text, start + 2);
  const afterName = start + 2 + name.length;
  if (name === '') throw invalidTemplate(text.slice(start, end + 1));
  if (afterName === end) return plain(name, lookup, onUnset);
  const operator = matchAt(OPERATOR, text, afterName);
  if (operator === '') throw invalidTemplate(text.slice(start, end + 1));
  const word = () => substitute(text.slice(afterName + operator.length, end), lookup, onUnset);

  const value = lookup(name);
  const present = value !== undefined && !(operator.startsWith(':') && value === '');
  switch (operator.at(-1)) {
    case '-':
      return present ? value : word();
    case '+':
      return present ? word() : '';
    default: {
      if (present) return value;
      const reason = word();
      throw invalid(`required variable ${name} is missing a value${reason ? `: ${reason}` : ''}`);
    }
  }
}

function plain(name: string, lookup: Lookup, onUnset: (name: string) => void): string {
  const value = lookup(name);
  if (value === undefined) onUnset(name);
  return value ?? '';
}

/** The index of the brace that closes the one at `open`; braces inside have to be balanced. */
function closingBrace(text: string, open: number): number {
  let depth = 0;
  for (let index = open; index < text.length; index++) {
    if (text[index] === '{') depth++;
    else if (text[index] === '}' && --depth === 0) return index;
  }
  throw invalidTemplate(text.slice(open - 1));
}

function matchAt(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? '';
}

const invalidTemplate = (found: string) =>
  invalid(
    `Invalid template: "${found}"; write \${NAME} or \${NAME:-default}, or double the $ if you mean the character itself`,
  );
