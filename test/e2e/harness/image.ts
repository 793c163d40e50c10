import { join } from 'node:path';
import { must } from './process.js';

export const ROOT = join(import.meta.dirname, '../../..');
export const DEMO_IMAGE = 'skep/demo:1';

/** Path of the tar of the demo image's root file system; made where it is not there yet. */
export async function demoImageTar(): Promise<string> {
  return (await must(process.execPath, [join(ROOT, 'tools/make-image.mjs')])).trim();
}
