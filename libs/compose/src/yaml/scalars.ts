import type { Scalar } from '../values.js';

const NULL = /^(?:~|null|Null|NULL|)$/;
const TRUE = /^(?:true|True|TRUE)$/;
const FALSE = /^(?:false|False|FALSE)$/;
const INTEGER = /^[-+]?(?:0b[01_]+|0o[0-7_]+|0x[0-9a-fA-F_]+|0[0-7_]*|[1-9][0-9_]*)$/;
const FLOAT = /^[-+]?(?:\.\d+|\d[\d_]*(?:\.[\d_]*)?)(?:[eE][-+]?\d+)?$/;

/**
 * The value of a plain (unquoted) scalar. Compose files follow neither version of YAML to the letter: `0440` is octal
 * as in 1.1, `yes`, `on` and `22:22` are text as in 1.2.
 */
export function resolvePlain(text: string): Scalar {
  if (NULL.test(text)) return null;
  if (TRUE.test(text)) return true;
  if (FALSE.test(text)) return false;
  const first = text.charCodeAt(0);
  const numeric = (first >= 48 && first <= 57) || first === 43 || first === 45 || first === 46;
  if (!numeric) return text;
  if (INTEGER.test(text)) return toInteger(text);
  return FLOAT.test(text) ? Number(text.replaceAll('_', '')) : text;
}

/** Integers that a JavaScript number cannot hold exactly stay text. */
function toInteger(text: string): Scalar {
  const digits = text.replaceAll('_', '');
  const sign = digits.startsWith('-') ? -1 : 1;
  const magnitude = digits.replace(/^[-+]/, '').replace(/^0(?=[0-7])/, '0o');
  const value = sign * Number(magnitude);
  return Number.isSafeInteger(value) ? value + 0 : text;
}
