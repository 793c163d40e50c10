import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import ts from 'typescript';

const root = join(import.meta.dirname, '../../..');
const parts = ['apps/resolver', 'libs/common', 'libs/contracts', 'libs/discovery'];

/**
 * The resolver as JavaScript in a directory of its own, made from the sources as they are now: Node runs no
 * TypeScript with decorators, and a worker thread must be a file.
 */
export class Compiled {
  readonly directory = mkdtempSync(join(tmpdir(), 'skep-resolver-'));
  readonly main = join(this.directory, 'dist/apps/resolver/src/main.js');

  constructor() {
    const { options } = ts.parseJsonConfigFileContent(
      ts.readConfigFile(join(root, 'tsconfig.json'), (path) => readFileSync(path, 'utf8')).config,
      ts.sys,
      root,
    );
    for (const part of parts) for (const path of sources(join(root, part, 'src'))) this.#compile(path, options);
    cpSync(join(root, 'package.json'), join(this.directory, 'package.json'));
    symlinkSync(join(root, 'node_modules'), join(this.directory, 'node_modules'));
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }

  #compile(path: string, options: ts.CompilerOptions): void {
    const target = join(this.directory, 'dist', path.slice(root.length));
    mkdirSync(dirname(target), { recursive: true });
    if (path.endsWith('.proto')) return cpSync(path, target);
    const compilerOptions = { ...options, module: ts.ModuleKind.ESNext, sourceMap: false };
    const { outputText } = ts.transpileModule(readFileSync(path, 'utf8'), { compilerOptions, fileName: path });
    writeFileSync(target.replace(/\.ts$/u, '.js'), outputText);
  }
}

function sources(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(ts|proto)$/u.test(entry.name) && !entry.name.endsWith('spec.ts'))
    .map((entry) => join(entry.parentPath, entry.name));
}
