// What the demos share: how they show what they do, and stop where something is not as it must be.
import { spawnSync } from 'node:child_process';

const colours = process.stdout.isTTY && !process.env.NO_COLOR;
const paint = (code) => (text) => (colours ? `\x1b[${code}m${text}\x1b[0m` : text);
export const [bold, dim, green, red] = [1, 2, 32, 31].map(paint);

let number = 0;
export const step = (text) => console.log(`\n${bold(`${++number}. ${text}`)}`);
export const print = (text) => process.stdout.write(text.replace(/^(?=.)/gm, '   '));
export const good = (text) => console.log(`   ${green('✓')} ${text}`);

/** The demo stops here, because something is not as it must be. */
export class DemoError extends Error {}

export function check(condition, text) {
  if (!condition) throw new DemoError(text);
  good(text);
}

export function run(command, args) {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (error) throw new DemoError(`${command} cannot be run: ${error.message}`);
  return { code: status ?? 1, stdout, stderr };
}

/** Polls until the probe gives something. */
export async function until(what, ms, probe) {
  for (const deadline = Date.now() + ms; ;) {
    const value = await probe();
    if (value) return value;
    if (Date.now() > deadline) throw new DemoError(`${what}: not within ${ms / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Runs a demo; what goes wrong is its last word, and the exit code. */
export async function play(main) {
  try {
    await main();
  } catch (error) {
    console.error(`\n${red(bold('The demo failed:'))} ${error instanceof DemoError ? error.message : error.stack}`);
    process.exitCode = 1;
  }
}
