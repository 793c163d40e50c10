import { watch, type FSWatcher } from 'node:fs';
import { basename, dirname } from 'node:path';

/** Tells that something was written to a file, or that another file took its place: by inotify. */
export class Changes {
  private readonly watcher: FSWatcher | undefined;
  private changed = false;
  private wake: (() => void) | undefined;

  /** @param signal ends waiting, now and later */
  constructor(
    path: string,
    private readonly signal: AbortSignal | undefined,
  ) {
    this.watcher = watcherOf(path, () => this.notice());
    signal?.addEventListener('abort', this.notice);
  }

  /** Resolves with the first change since it last did, or after this time. */
  async next(ms: number): Promise<void> {
    if (!this.changed && !this.signal?.aborted) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        this.wake = () => (clearTimeout(timer), resolve());
      });
      this.wake = undefined;
    }
    this.changed = false;
  }

  close(): void {
    this.watcher?.close();
    this.signal?.removeEventListener('abort', this.notice);
  }

  private readonly notice = (): void => {
    this.changed = true;
    this.wake?.();
  };
}

/** Undefined where nothing can be watched: the folder is gone, or the user has no watches left. */
function watcherOf(path: string, notice: () => void): FSWatcher | undefined {
  try {
    const name = basename(path);
    const watcher = watch(dirname(path), { persistent: false }, (_kind, changed) => {
      if (changed === null || changed === name) notice();
    });
    return watcher.on('error', notice);
  } catch {
    return undefined;
  }
}
