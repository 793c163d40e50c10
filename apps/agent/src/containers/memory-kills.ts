import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Injectable } from '@nestjs/common';
import { EventLog } from '../events/event-log.js';
import { World } from '../world/world.js';
import { ContainerDirectory } from './container-directory.js';

/** How often the counters of containers with a limit are read while they run. */
const EVERY_MS = 1_000;

interface Run {
  pid: number;
  /** of the file with the counter; undefined: there is none to be read */
  path: string | undefined;
  count: number;
  limited: boolean;
}

/**
 * Notices that the kernel killed a process of a container for want of memory: by the counter of the container's cgroup,
 * a last time when its first process has ended. Docker Engine may have taken the cgroup away by then, and tells of it;
 * Podman does neither: its monitor notices none with the kernels of today.
 */
@Injectable()
export class MemoryKills {
  private readonly runs = new Map<string, Run>();
  /** containers in whose present or last run it happened */
  private readonly hit = new Set<string>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly world: World,
    private readonly directory: ContainerDirectory,
    private readonly events: EventLog,
  ) {}

  /** Called with our id of a container whenever it was looked at. */
  consider(id: string): void {
    const seen = this.world.container(id);
    const run = this.runs.get(id);
    const runs = seen?.state === 'running' || seen?.state === 'paused';
    if (runs && seen.pid === run?.pid) return;
    if (run) this.check(id, run);
    // How it ended is for the engine to say.
    if (run && seen?.state === 'other') return;
    if (run && seen?.outOfMemory && !this.hit.has(id)) this.happened(id);
    this.runs.delete(id);
    if (runs || !seen) this.hit.delete(id);
    if (runs) this.begin(id, seen.pid);
    this.watch();
  }

  happenedTo(id: string): boolean {
    return this.hit.has(id);
  }

  stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private begin(id: string, pid: number): void {
    const path = counterOf(pid);
    const count = countIn(path) ?? 0;
    const { spec, resources } = this.directory.get(id) ?? {};
    const limit = resources?.['Memory'] ?? spec?.HostConfig?.['Memory'];
    this.runs.set(id, { pid, path, count, limited: Number(limit ?? 0) > 0 });
  }

  private watch(): void {
    const wanted = [...this.runs.values()].some(({ limited }) => limited);
    if (!wanted) return this.stop();
    this.timer ??= setInterval(() => {
      for (const [id, run] of this.runs) if (run.limited) this.check(id, run);
    }, EVERY_MS).unref();
  }

  private check(id: string, run: Run): void {
    const count = countIn(run.path) ?? run.count;
    if (count <= run.count) return;
    run.count = count;
    this.happened(id);
  }

  private happened(id: string): void {
    this.hit.add(id);
    const container = this.directory.get(id);
    if (container) this.events.container(container, 'oom');
  }
}

/** The file that counts for this process's cgroup: of version 1 where the node has it, else of version 2. */
function counterOf(pid: number): string | undefined {
  try {
    const groups = readFileSync(`/proc/${pid}/cgroup`, 'utf8');
    const [, legacy] = /^\d+:memory:(.*)$/m.exec(groups) ?? [];
    const [, unified = ''] = /^0::(.*)$/m.exec(groups) ?? [];
    return legacy === undefined
      ? join('/sys/fs/cgroup', unified, 'memory.events')
      : join('/sys/fs/cgroup/memory', legacy, 'memory.oom_control');
  } catch {
    return undefined;
  }
}

function countIn(path: string | undefined): number | undefined {
  if (path === undefined) return undefined;
  try {
    const [, count] = /^oom_kill (\d+)$/m.exec(readFileSync(path, 'utf8')) ?? [];
    return count === undefined ? undefined : Number(count);
  } catch {
    return undefined;
  }
}
