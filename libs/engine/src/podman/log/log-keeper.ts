import { watch, type FSWatcher } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { ContainerInspectInfo } from 'dockerode';
import { LABELS } from '#lib/domain';
import { keepOlder } from './older.js';

/** Keeps the older files of the logs of running containers, as many as their label says. */
export class LogKeeper {
  private readonly watchers = new Map<string, FSWatcher>();

  /** Whenever a container was looked at. */
  see({ Id, LogPath, State, Config }: Pick<ContainerInspectInfo, 'Id' | 'LogPath' | 'State' | 'Config'>): void {
    const files = Number(Config.Labels?.[LABELS.logFiles] ?? 1);
    if (files < 2 || !LogPath) return;
    if (State.Running) this.watch(Id, LogPath, files);
    else this.forget(Id);
    keep(LogPath, files);
  }

  private watch(id: string, path: string, files: number): void {
    if (this.watchers.has(id)) return;
    const notice = (kind: string, name: string | null) => {
      // A write is a change; a new file in the place of the full one, and the end of the folder, are renamings.
      if (kind !== 'rename') return;
      if (name === basename(path)) keep(path, files);
      if (name === basename(dirname(path))) this.forget(id);
    };
    try {
      const watcher = watch(dirname(path), { persistent: false }, notice);
      this.watchers.set(
        id,
        watcher.on('error', () => this.forget(id)),
      );
    } catch {
      // It is gone, or the user has no watches left: what is looked at later is kept all the same.
    }
  }

  private forget(id: string): void {
    this.watchers.get(id)?.close();
    this.watchers.delete(id);
  }
}

/** A log that is removed meanwhile needs no keeping. */
function keep(path: string, files: number): void {
  try {
    keepOlder(path, files);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
