import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { run } from './harness/process.js';

/** Each checks what it shows, and at its end that the machine is as it was; what it prints is in the README. */
describe('the tours of the README', () => {
  it.each(['demo.mjs', 'demo-swarm.mjs'])('%s: everything works, and nothing is left', async (tour) => {
    const { code, stdout, stderr } = await run(process.execPath, [resolve('tools', tour)], { timeoutMs: 280_000 });
    expect({ code, stderr }, stdout).toMatchObject({ code: 0 });
    expect(stdout).toContain('everything worked, and nothing is left');
    expect(stdout).not.toContain('✗');
  });
});
