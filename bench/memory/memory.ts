import { readFile } from 'node:fs/promises';
import { internal } from '#lib/common';
import { processesOf } from '../../test/e2e/harness/processes.js';
import type { Measure } from '../measure.js';
import { Sleepers } from '../stage/sleepers.js';
import type { Stage } from '../stage/stage.js';

const EACH = 5;
const OURS = /\/node\/(agent|resolver)\.js /;
const THEIRS = /(^|\/)(dockerd|containerd|containerd-shim[\w-]*) /;

/** What agent and resolver hold in memory with 50 containers, and what Docker Engine's processes do. Once: it hardly moves. */
export const measureMemory: Measure = async (stage: Stage) => {
  const sleepers = new Sleepers(stage);
  try {
    await sleepers.scale(EACH);
    return [
      {
        what: 'memory with 50 containers',
        unit: 'MiB',
        skep: [await residentOf(stage.node.folder, OURS)],
        peer: 'dockerd, containerd and shims',
        theirs: [await residentOf(stage.docker.folder, THEIRS)],
        bar: { relation: '<=', ratio: 1 },
      },
    ];
  } finally {
    await Promise.allSettled([sleepers.downOnSkep(), sleepers.downOnDocker()]);
  }
};

/** Resident memory of an owner's processes, in MiB. */
async function residentOf(folder: string, which: RegExp): Promise<number> {
  let kib = 0;
  for (const { pid, command } of await processesOf(folder)) {
    if (!which.test(`${command} `)) continue;
    const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
    kib += Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0);
  }
  if (kib === 0) throw internal(`${folder}: no process like ${which.source}`);
  return kib / 1024;
}
