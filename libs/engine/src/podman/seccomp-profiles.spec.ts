import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { seccompByPath } from './seccomp-profiles.js';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'skep-seccomp-'))));
afterEach(() => rmSync(folder, { recursive: true }));

it('gives Podman the path of a profile that a client sent', () => {
  const profile = '{"defaultAction":"SCMP_ACT_ALLOW"}';
  const [option, other] = seccompByPath([`seccomp=${profile}`, 'no-new-privileges'], folder);
  expect(other).toBe('no-new-privileges');
  expect(readFileSync((option as string).slice('seccomp='.length), 'utf8')).toBe(profile);
});

it('says nothing for the built-in one, and leaves paths as they are', () => {
  const options = ['seccomp=unconfined', 'seccomp=/etc/profile.json', 'label=disable'];
  expect(seccompByPath(['seccomp=builtin', 'seccomp:builtin', ...options], folder)).toEqual(options);
});
