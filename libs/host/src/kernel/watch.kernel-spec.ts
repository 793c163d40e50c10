import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { createHost } from './kernel-host.js';

const descriptors = () => readdirSync('/proc/self/fd').length;

/** The state letter of proc(5); empty when the process is gone. */
function stateOf(pid: number): string {
  const file = `/proc/${pid}/stat`;
  return existsSync(file) ? readFileSync(file, 'utf8').replace(/^.*\) (.).*$/s, '$1') : '';
}

/** A program that watches for ever, run from the sources. */
const WATCHING = `
  const { runnerImport } = await import('vite');
  const { module } = await runnerImport(${JSON.stringify(fileURLToPath(new URL('kernel-host.ts', import.meta.url)))}, {
    logLevel: 'silent', environments: { inline: { resolve: { conditions: ['source'] } } },
  });
  const host = module.createHost();
  host.onExit(1, () => undefined);
  host.onLinkChange(() => undefined);
  console.log('watching');
`;

describe('watching', () => {
  it('tells the end of a process that is not a child, and leaves no descriptor', async () => {
    const host = createHost();
    const before = descriptors();
    for (let round = 0; round < 20; round++) {
      const pid = Number(execFileSync('sh', ['-c', 'sleep 0.05 >/dev/null & echo $!']).toString());
      await new Promise<void>((resolve) => host.onExit(pid, resolve));
      expect(stateOf(pid)).toMatch(/^[ZX]?$/);
    }
    host.close();
    await new Promise(setImmediate);
    expect(descriptors()).toBeLessThanOrEqual(before);
  });

  it('does not keep the process alive', () => {
    const child = spawnSync(process.execPath, ['--input-type=module', '-e', WATCHING], { timeout: 20_000 });
    expect([child.status, child.stdout.toString(), child.stderr.toString()]).toEqual([0, 'watching\n', '']);
  });
});
