// tsc emits code only; what the apps read at run time beside it (.proto) is copied here.
import { cpSync, mkdirSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';

const root = join(import.meta.dirname, '..');
const from = join(root, 'libs/contracts/src');
for (const file of readdirSync(from).filter((name) => name.endsWith('.proto'))) {
  const target = join(root, 'dist/libs/contracts/src', file);
  mkdirSync(dirname(target), { recursive: true });
  cpSync(join(from, file), target);
}
