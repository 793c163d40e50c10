import { linkSync, readdirSync, renameSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/**
 * Podman's monitor (conmon) begins a new log file in place of one that has grown to its limit, which then is gone. What
 * is to be kept of it has a second name, CURRENT, from its beginning, and when it is full one with a number: 1 is the
 * latest.
 */
const CURRENT = 'current';

/** The names under which a log's files may lie, the newest first. Two of them may be one file. */
export function namesOf(path: string): string[] {
  const prefix = `${basename(path)}.`;
  const numbers = listed(dirname(path)).flatMap((name) => {
    const number = name.startsWith(prefix) ? name.slice(prefix.length) : '';
    return /^[1-9]\d*$/.test(number) ? [Number(number)] : [];
  });
  return [path, named(path, CURRENT), ...numbers.sort((a, b) => a - b).map((number) => named(path, number))];
}

/**
 * Gives the file that is written to its second name, and counts those before it up by one when it is a new one. Whenever
 * it is broken off, the next call goes on.
 * @param files of the log, at most: that one and older ones
 */
export function keepOlder(path: string, files: number): void {
  const [now, kept] = [inodeOf(path), inodeOf(named(path, CURRENT))];
  if (now === undefined || now === kept) return;
  if (kept !== undefined) {
    for (let number = files - 1; number > 1; number--) move(named(path, number - 1), named(path, number));
    move(named(path, CURRENT), named(path, 1));
  }
  linkSync(path, named(path, CURRENT));
}

const named = (path: string, name: string | number): string => join(dirname(path), `${basename(path)}.${name}`);

function inodeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.ino;
}

function move(from: string, to: string): void {
  if (inodeOf(from) !== undefined) renameSync(from, to);
}

function listed(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    // The container was removed.
    return [];
  }
}
