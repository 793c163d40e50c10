import { spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { unavailable } from '#lib/common';
import { memoryFile } from '#lib/host';

/**
 * Runs `wg`, which speaks to the kernel's devices and to wireguard-go alike, and gives its output.
 * @param secrets files in memory that the arguments name as /dev/fd/3, /dev/fd/4, …: nothing secret is an argument
 */
export async function wg(args: readonly string[], secrets: readonly string[] = []): Promise<string> {
  const files = secrets.map((secret) => memoryFile('key', secret));
  try {
    return await new Promise<string>((resolve, reject) => {
      const child = spawn('wg', args, { stdio: ['ignore', 'pipe', 'pipe', ...files] });
      let said = '';
      let failed = '';
      child.stdout!.setEncoding('utf8').on('data', (text: string) => (said += text));
      child.stderr!.setEncoding('utf8').on('data', (text: string) => (failed += text));
      child.once('error', (cause) => reject(unavailable(`wg cannot be started: ${cause.message}`, cause)));
      child.once('close', (code) =>
        code === 0 ? resolve(said) : reject(unavailable(`wg ${args.slice(0, 2).join(' ')}: ${failed.trim()}`)),
      );
    });
  } finally {
    for (const file of files) closeSync(file);
  }
}
