import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { skepVersion } from '#lib/common';
import { type BackupManifest, MANIFEST } from '#lib/contracts';
import { run } from '../program.js';
import { testSystem } from '../testing/test-system.js';

describe('skep restore', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'skep-restore-'));
    vi.spyOn(process, 'geteuid').mockReturnValue(0);
    const files = { 'node.db': createHash('sha256').update('rows').digest('hex') };
    const made = {
      format: 1,
      version: skepVersion(),
      createdAt: 'today',
      nodeId: 'abc',
      files,
    } satisfies BackupManifest;
    writeFileSync(join(folder, MANIFEST), JSON.stringify(made));
    writeFileSync(join(folder, 'node.db'), 'rows');
    execFileSync('tar', ['--create', '--file=x.tar', MANIFEST, 'node.db'], { cwd: folder });
  });
  afterEach(() => {
    vi.restoreAllMocks();
    rmSync(folder, { recursive: true });
  });

  async function restore(...args: string[]) {
    const { system, written } = testSystem({ cwd: folder });
    return { code: await run(['restore', 'x.tar', ...args], system), ...written };
  }
  const configure = (config: object) => writeFileSync(join(folder, 'daemon.json'), JSON.stringify(config));

  it('puts the state where the configuration file has its data root', async () => {
    configure({ 'data-root': join(folder, 'srv') });
    const stdout = `restored node abc as of today in ${folder}/srv\n`;
    expect(await restore('--config', 'daemon.json')).toEqual({ code: 0, stdout, stderr: '' });
    expect(readFileSync(join(folder, 'srv/node.db'), 'utf8')).toBe('rows');
  });

  it('refuses a configuration file that a daemon would refuse, or that is not there', async () => {
    configure({ 'data-rot': '/srv' });
    expect((await restore('--config', 'daemon.json')).stderr).toContain('did you mean "data-root"?');
    expect((await restore('--config', 'none.json')).stderr).toContain(`${folder}/none.json: cannot be read: ENOENT`);
  });

  it('takes a data root that is named instead, and not beside a file', async () => {
    configure({ 'data-root': join(folder, 'srv') });
    expect((await restore('--config', 'daemon.json', '--data-root', 'here')).stderr).toContain('cannot be used with');
    expect((await restore('--data-root', 'here')).stdout).toContain(`in ${folder}/here\n`);
  });
});
