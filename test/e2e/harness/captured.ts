import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { capture, type Capture } from '../../../libs/drivers/src/testing/capture.js';

/**
 * What went over a link while something was done.
 * @param netns path of the network namespace that the link is in
 */
export async function captured(netns: string, link: string, work: () => Promise<unknown>): Promise<Capture> {
  const folder = mkdtempSync(join(tmpdir(), 'skep-captured-'));
  const inside = (argv: readonly string[]) => [`--net=${netns}`, ...argv];
  const lab = {
    run: (_: unknown, argv: readonly string[]) => spawnSync('nsenter', inside(argv)),
    start: (_: unknown, argv: readonly string[]) => spawn('nsenter', inside(argv), { stdio: 'ignore' }),
  };
  try {
    return await capture({ lab, netns: undefined, link, file: join(folder, 'frames') }, work);
  } finally {
    // Filters are asked later.
    process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  }
}
