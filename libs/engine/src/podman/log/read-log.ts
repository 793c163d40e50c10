import type { LogOptions, LogPart } from '../../engine.js';
import { Period } from '../../logs/log-part.js';
import { nanoNow } from '../../logs/log-time.js';
import { Changes } from './changes.js';
import { Joined } from './joined.js';
import { LogFile, type Placed } from './log-file.js';
import { tailStart, type TailStart } from './tail.js';

/** How often is asked whether the container has ended, in milliseconds. Writing is noticed at once. */
const LOOK_MS = 200;

/**
 * A container's log out of Podman's file, in the order in which it was written. Files are read in blocks; a new file in
 * place of the one that is followed is taken up when the old one has been read to its end.
 * @param ended has the container ended, and has everything it wrote been written down?
 */
export async function* readLog(
  path: string,
  options: LogOptions,
  ended: () => Promise<boolean>,
): AsyncGenerator<LogPart[]> {
  const period = new Period(options);
  const joined = new Joined();
  const changes = options.follow ? new Changes(path, options.signal) : undefined;
  let log = await LogFile.open(path);
  try {
    let from = await begin(log, options);
    while (!options.signal?.aborted) {
      // Asked first, so that what is read after a yes is everything.
      const last = changes === undefined || (await ended()) || isPast(options.until);
      const replaced = changes !== undefined && (log === undefined || (await log.isOver()));
      for (let placed = await log?.next(); placed && !options.signal?.aborted; placed = await log?.next()) {
        const { parts, over } = chosen(placed, { from, period, joined });
        if (parts.length > 0) yield parts;
        if (over) return;
        if (!changes && log!.isRead) break;
      }
      const open = [...joined.flush()];
      if (open.length > 0) yield open;
      if (replaced) {
        const read = log;
        await read?.close();
        log = undefined;
        log = await LogFile.open(path, read);
        from = undefined;
        if (log) continue;
      }
      if (last) return;
      await changes.next(LOOK_MS);
    }
  } finally {
    changes?.close();
    await log?.close();
  }
}

/** Goes to where the wanted lines begin; undefined: everything from here on is wanted. */
async function begin(log: LogFile | undefined, { tail }: LogOptions): Promise<TailStart | undefined> {
  if (log === undefined || tail === undefined) return undefined;
  const from = await tailStart(log.pieces, log.pieces.size, tail);
  log.seek(Math.min(from.stdout, from.stderr));
  return from;
}

interface Choice {
  from: TailStart | undefined;
  period: Period;
  joined: Joined;
}

/** @returns over: nothing that comes later is wanted */
function chosen(placed: readonly Placed[], { from, period, joined }: Choice): { parts: LogPart[]; over: boolean } {
  const parts: LogPart[] = [];
  for (const { entry, offset } of placed) {
    if (period.after(entry.time)) return { parts: [...parts, ...joined.flush()], over: true };
    const unwanted = (from && offset < from[entry.stream]) || period.before(entry.time);
    const part = unwanted ? joined.skip(entry) : joined.push(entry);
    if (part) parts.push(part);
  }
  return { parts, over: false };
}

const isPast = (until: bigint | undefined): boolean => until !== undefined && nanoNow() > until;
