import { MAX_NAME_LENGTH } from './constants.js';

/**
 * A name as DNS compares it: wire format without compression, ASCII letters in lower case, one character a byte
 * (latin1). Names that are equal for DNS are equal strings.
 */
export type NameKey = string;

/** Undefined when the text is no name on the wire: an empty label, one over 63 bytes, or more than 255 in all. */
export function nameKey(text: string): NameKey | undefined {
  const name = text.endsWith('.') ? text.slice(0, -1) : text;
  if (name === '') return text === '.' ? '\0' : undefined;
  let key = '';
  for (const label of name.split('.')) {
    const bytes = Buffer.from(label, 'utf8');
    if (bytes.length === 0 || bytes.length > 63) return undefined;
    key += String.fromCharCode(bytes.length) + lowerAscii(bytes.toString('latin1'));
  }
  return key.length < MAX_NAME_LENGTH ? `${key}\0` : undefined;
}

/** The name on the wire. */
export function nameBytes(key: NameKey): Uint8Array {
  return Buffer.from(key, 'latin1');
}

/** The name for people, without the final dot; the root is `.`. Bytes that are not printable appear as `\ddd`. */
export function nameText(key: NameKey): string {
  const labels: string[] = [];
  for (let at = 0; at < key.length && key.charCodeAt(at) > 0; at += key.charCodeAt(at) + 1) {
    const label = key.slice(at + 1, at + 1 + key.charCodeAt(at));
    labels.push(
      label.replaceAll(/[^!-~]|[.\\]/gu, (character) => `\\${String(character.charCodeAt(0)).padStart(3, '0')}`),
    );
  }
  return labels.join('.') || '.';
}

/** How many labels a name has; the root has none. */
export function labelCount(key: NameKey): number {
  let count = 0;
  for (let at = 0; at < key.length && key.charCodeAt(at) > 0; at += key.charCodeAt(at) + 1) count++;
  return count;
}

/** ASCII only, as DNS has it (RFC 4343); the length bytes are below the letters and stay. */
const lowerAscii = (text: string): string => text.replaceAll(/[A-Z]/gu, (letter) => letter.toLowerCase());

/** 32-bit FNV-1a over the lower-case name on the wire; the parser computes the same over a question. */
export function nameHash(bytes: Uint8Array): number {
  let hash = HASH_START;
  for (const byte of bytes) hash = hashStep(hash, byte);
  return hash;
}

export const HASH_START = 0x811c9dc5 | 0;
export const hashStep = (hash: number, byte: number): number => Math.imul(hash ^ byte, 0x01000193);
