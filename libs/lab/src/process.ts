import { spawn } from 'node:child_process';
import { SkepError } from '#lib/common';

export interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  input?: string;
  /** milliseconds until it is killed */
  timeoutMs?: number;
  env?: NodeJS.ProcessEnv;
  cwd?: string;
}

/** Runs a program to its end; never throws for its exit code, only when it does not end in time. */
export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  const { input = '', timeoutMs = 60_000, env, cwd } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env: { ...process.env, ...env }, cwd, stdio: 'pipe' });
    const outcome: Outcome = { code: -1, stdout: '', stderr: '' };
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      const line = [command, ...args].join(' ');
      reject(new SkepError('timeout', `${line}: not within ${timeoutMs} ms\n${outcome.stdout}${outcome.stderr}`));
    }, timeoutMs);
    child.stdout.setEncoding('utf8').on('data', (text: string) => (outcome.stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (outcome.stderr += text));
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ ...outcome, code: code ?? (signal ? 128 : -1) });
    });
    child.stdin.on('error', () => {}).end(input);
  });
}

/** As `run`, but anything other than success is an error with everything that the program said. */
export async function must(command: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await run(command, args, options);
  if (code !== 0) {
    throw new SkepError('internal', `${[command, ...args].join(' ')}: exit code ${code}\n${stdout}${stderr}`);
  }
  return stdout;
}
