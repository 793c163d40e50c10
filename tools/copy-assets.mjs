// tsc emits code only; what the apps read or run beside it is copied here: .proto files and scripts.
import { cpSync, readdirSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';

const KINDS = new Set(['.proto', '.sh']);
const root = join(import.meta.dirname, '..');

for (const path of readdirSync(join(root, 'libs'), { recursive: true })) {
  // cpSync makes the folders on the way, and keeps the mode.
  if (KINDS.has(extname(path)))
    cpSync(join(root, 'libs', path), join(root, 'dist/libs', dirname(path), path.split('/').at(-1)));
}
