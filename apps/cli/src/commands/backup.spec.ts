import { mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { run } from '../program.js';
import { TestNode } from '../testing/test-node.js';
import { testSystem } from '../testing/test-system.js';

describe('skep backup', () => {
  let folder: string;
  beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'skep-backup-'))));
  afterEach(() => rm(folder, { recursive: true }));

  const serving = () => TestNode.start({ 'GET /skep/v1/backup': (_request, response) => void response.end('state') });
  async function backup(host: string, ...args: string[]) {
    const { system, written } = testSystem({ env: { SKEP_HOST: host }, cwd: folder });
    return { code: await run(['backup', ...args], system), ...written };
  }

  it("writes the daemon's answer for its owner alone, and leaves no draft", async () => {
    await using node = await serving();
    const path = join(folder, 'x.tar');
    expect(await backup(node.socketPath, 'x.tar')).toEqual({ code: 0, stdout: `${path}: 5 bytes\n`, stderr: '' });
    expect(await readFile(path, 'utf8')).toBe('state');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toEqual(['x.tar']);
  });

  it('asks for nothing where the file cannot be made, and names the file and the cause', async () => {
    await using node = await serving();
    const { code, stderr } = await backup(node.socketPath, 'none/x.tar');
    expect(code).toBe(1);
    expect(stderr).toContain(`${join(folder, 'none/x.tar')}: cannot be written: ENOENT`);
    expect(stderr).not.toContain('daemon');
    expect(node.seen).toEqual([]);
  });

  it('names the file and the cause where the draft cannot take its place', async () => {
    await using node = await serving();
    await mkdir(join(folder, 'x.tar'));
    const { code, stderr } = await backup(node.socketPath, '--force', 'x.tar');
    expect(code).toBe(1);
    expect(stderr).toContain(`${join(folder, 'x.tar')}: cannot be written: EISDIR`);
    expect(await readdir(folder)).toEqual(['x.tar']);
  });

  it('blames the daemon where there is none or its answer is cut off, and leaves no draft', async () => {
    const away = join(folder, 'no.sock');
    expect((await backup(away, 'x.tar')).stderr).toContain(`no daemon at unix://${away}`);
    await using node = await TestNode.start({
      'GET /skep/v1/backup': (_request, response) => {
        response.writeHead(200, { 'Content-Length': 100 });
        response.write('state', () => response.destroy());
      },
    });
    const { stderr } = await backup(node.socketPath, 'x.tar');
    expect(stderr).toContain(`the daemon at unix://${node.socketPath} went away while it answered`);
    expect(await readdir(folder)).toEqual([]);
  });
});
