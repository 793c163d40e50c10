import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { chooseRuntime } from './runtime.js';

describe('chooseRuntime', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'skep-runtime-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** A PATH that finds those. */
  const installed = (...names: string[]) => {
    for (const name of names) writeFileSync(join(folder, name), '', { mode: 0o755 });
    return `/nowhere:${folder}`;
  };
  /** As version 1 is mounted, with version 2 beside it where it is said what that one controls. */
  const versionOne = (controllers?: string) => {
    const cgroups = join(folder, 'cgroup');
    mkdirSync(join(cgroups, 'unified'), { recursive: true });
    if (controllers !== undefined) writeFileSync(join(cgroups, 'unified/cgroup.controllers'), controllers);
    return cgroups;
  };

  it('takes crun, the faster one, where it is installed', () => {
    expect(chooseRuntime(installed('runc'), versionOne())).toBe('runc');
    expect(chooseRuntime(installed('runc', 'crun'), versionOne())).toBe('crun');
    expect(chooseRuntime(installed('runc', 'crun'), versionOne('\n'))).toBe('crun');
  });

  it('takes runc where version 2 has some of the controllers: crun refuses that', () => {
    expect(chooseRuntime(installed('runc', 'crun'), versionOne('hugetlb\n'))).toBe('runc');
  });

  it('names runc where there is none, so that the engine says what is missing', () => {
    expect(chooseRuntime('/nowhere', versionOne())).toBe('runc');
  });
});
