// Types of libs/contracts/src/*.proto for TypeScript, into libs/contracts/src/generated.
// With --check nothing is written: the exit code is 1 when what is there is not what would be generated.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';

const root = join(import.meta.dirname, '..');
const source = 'libs/contracts/src';
const target = join(root, source, 'generated');

const generate = (outDir) =>
  execFileSync(
    join(root, 'node_modules/.bin/proto-loader-gen-types'),
    [
      // These agree with PROTO_LOADER_OPTIONS in libs/contracts/src/proto.ts.
      '--longs=Number',
      '--enums=String',
      '--defaults',
      '--arrays',
      '--objects',
      // A received message is complete and has the plain name; what is sent may leave fields out.
      '--inputTemplate=%sInput',
      '--outputTemplate=%s',
      '--grpcLib=@grpc/grpc-js',
      '--importFileExtension=.js',
      '--includeComments',
      `--outDir=${outDir}`,
      ...readdirSync(join(root, source))
        .filter((name) => name.endsWith('.proto'))
        .map((name) => join(source, name)),
    ],
    { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] },
  );

const contents = (directory) =>
  new Map(
    readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => [relative(directory, path), readFileSync(path, 'utf8')]),
  );

const scratch = mkdtempSync(join(tmpdir(), 'skep-contracts-'));
try {
  generate(scratch);
  const [wanted, present] = [contents(scratch), existsSync(target) ? contents(target) : new Map()];
  const stale = [...new Set([...wanted.keys(), ...present.keys()])].filter(
    (path) => wanted.get(path) !== present.get(path),
  );
  if (!process.argv.includes('--check')) {
    rmSync(target, { recursive: true, force: true });
    cpSync(scratch, target, { recursive: true });
  } else if (stale.length > 0) {
    console.error(`${source}/generated is stale (${stale.join(', ')}): run "node tools/generate-contracts.mjs"`);
    process.exitCode = 1;
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
