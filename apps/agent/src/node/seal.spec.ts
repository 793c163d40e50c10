import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { seal, unseal, unsealBytes } from './seal.js';

it('gives back what was sealed, byte for byte, and shows none of it', () => {
  const root = mkdtempSync(join(tmpdir(), 'skep-seal-'));
  try {
    const key = Buffer.from([0x30, 0x82, 0xff, 0xfe, 0x00, 0xc3, 0x28]);
    expect(unsealBytes(seal(key, root), root)).toEqual(key);
    const sealed = seal('a word ü', root);
    expect(unseal(sealed, root)).toBe('a word ü');
    expect(Buffer.from(sealed, 'base64').toString('latin1')).not.toContain('a word');
    expect(() => unseal(`AAAA${sealed.slice(4)}`, root)).toThrow();
  } finally {
    rmSync(root, { recursive: true });
  }
});

it.each([
  ['empty', 0],
  ['half', 16],
])('says what is wrong with a key that is empty or half, and seals nothing with it: %s', (_how, bytes) => {
  const root = mkdtempSync(join(tmpdir(), 'skep-seal-'));
  try {
    const sealed = seal('a word', root);
    truncateSync(join(root, 'secret.key'), bytes);
    for (const work of [() => seal('a word', root), () => unseal(sealed, root)]) {
      expect(work).toThrow(new RegExp(`secret\\.key has ${bytes} bytes .*skep restore`));
    }
  } finally {
    rmSync(root, { recursive: true });
  }
});

it('makes its key for root alone, and no file beside it', () => {
  const root = mkdtempSync(join(tmpdir(), 'skep-seal-'));
  try {
    seal('a word', root);
    expect(readdirSync(root)).toEqual(['secret.key']);
    expect(statSync(join(root, 'secret.key'))).toMatchObject({ size: 32, mode: 0o100600 });
  } finally {
    rmSync(root, { recursive: true });
  }
});

it('makes no key to open what another one has sealed', () => {
  const root = mkdtempSync(join(tmpdir(), 'skep-seal-'));
  try {
    const sealed = seal('a word', root);
    rmSync(join(root, 'secret.key'));
    expect(() => unseal(sealed, root)).toThrow(/secret\.key is missing: .*skep restore/);
    expect(existsSync(join(root, 'secret.key'))).toBe(false);
  } finally {
    rmSync(root, { recursive: true });
  }
});
