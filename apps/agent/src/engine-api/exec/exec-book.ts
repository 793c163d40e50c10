import { existsSync } from 'node:fs';
import { Inject, Injectable } from '@nestjs/common';
import { notFound, SkepError, steadyClock, waitFor } from '#lib/common';
import { askEngine, EXIT_LAG_MS, type Engine } from '#lib/engine';
import { ContainerDirectory } from '../../containers/container-directory.js';
import { EventLog } from '../../events/event-log.js';
import { ENGINE } from '../../node/tokens.js';

/** GET /exec/:id/json, as far as it matters here; the rest passes. */
export interface ExecState {
  ID: string;
  Running: boolean;
  ExitCode: number | null;
  Pid: number;
  ContainerID: string;
}

/** Docker forgets a command that has ended after 5 minutes. */
const KEPT_MS = 300_000;
const KEPT = 10_000;
/** Ended commands are known to the engine for 5 s only: `exit_command_delay` of Podman. */
const WATCH_MS = 250;
/** 128 + SIGKILL: the exit code of what went with its container. */
const KILLED = 137;

/** A command, as events tell of it. */
interface Made {
  containerId: string;
  command: string;
  /** what leaves its terminal; undefined: it has none */
  detachKeys?: readonly number[];
  /** the runtime could not start it */
  refused: boolean;
}

/**
 * Commands in containers: tells of their life as Docker does, and knows them after their end. An engine forgets them
 * within seconds, and clients ask for the exit code later.
 */
@Injectable()
export class ExecBook {
  private readonly ended = new Map<string, { state: ExecState; at: number }>();
  /** who asks for its end meanwhile waits for `ending`, until then, by the steady clock */
  private readonly following = new Map<string, { ending: Promise<void>; until: number }>();
  /** those that have not ended */
  private readonly all = new Map<string, Made>();

  constructor(
    @Inject(ENGINE) private readonly engine: Engine,
    private readonly directory: ContainerDirectory,
    private readonly events: EventLog,
  ) {}

  made(id: string, containerId: string, argv: readonly string[], detachKeys?: readonly number[]): void {
    if (this.all.size >= KEPT) this.all.delete(this.all.keys().next().value!);
    const [program = '', ...args] = argv;
    this.all.set(id, { containerId, command: `${program} ${args.join(' ')}`, detachKeys, refused: false });
    this.tell(id, 'exec_create');
  }

  /** Whoever is at its terminal left it by these keys. */
  leaving(id: string): { keys: readonly number[]; left(): void } | undefined {
    const keys = this.all.get(id)?.detachKeys;
    return keys && { keys, left: () => this.tell(id, 'exec_detach') };
  }

  started(id: string): void {
    this.tell(id, 'exec_start');
  }

  /** The runtime could not start it: it does not die either. */
  refused(id: string): void {
    const made = this.all.get(id);
    if (made) made.refused = true;
  }

  /**
   * Nobody listens to this command any more: its end is noted.
   * @param detached nobody ever did: it may go on for long; else its output has ended
   */
  follow(id: string, detached = false): void {
    if (this.following.has(id)) return;
    const ending = this.untilEnd(id).catch((error: unknown) => {
      if (SkepError.is(error, 'not_found')) this.died(id, KILLED);
      // How it ended nobody knows; nothing is better than something wrong.
      else this.all.delete(id);
    });
    this.noted(id, ending, detached ? 0 : EXIT_LAG_MS);
  }

  /** It could not be started, which the engine does not note. */
  failed(id: string, exitCode: number): void {
    this.started(id);
    this.refused(id);
    const failed = this.look(id).then((state) => this.note({ ...state, Running: false, ExitCode: exitCode }));
    this.noted(id, failed, EXIT_LAG_MS);
  }

  async inspect(id: string): Promise<ExecState> {
    const following = this.following.get(id);
    const left = following ? following.until - steadyClock.now() : 0;
    if (following && left > 0) await Promise.race([following.ending, steadyClock.sleep(left)]);
    return this.ended.get(id)?.state ?? this.look(id);
  }

  private noted(id: string, ended: Promise<void>, patience: number): void {
    const ending = ended.catch(() => undefined).finally(() => this.following.delete(id));
    this.following.set(id, { ending, until: steadyClock.now() + patience });
  }

  private async untilEnd(id: string): Promise<void> {
    const begun = steadyClock.now();
    for (;;) {
      const state = await this.lookPatiently(id);
      if (!state.Running) {
        this.note(state);
        return;
      }
      if (steadyClock.now() - begun < EXIT_LAG_MS) await steadyClock.sleep(10);
      else while (existsSync(`/proc/${state.Pid}`)) await steadyClock.sleep(WATCH_MS);
    }
  }

  /** An engine that does not answer, as while it is started anew, says nothing about the command. */
  private lookPatiently(id: string): Promise<ExecState> {
    const look = () =>
      this.look(id).catch((error: unknown) => {
        if (SkepError.is(error, 'not_found')) throw error;
        return undefined;
      });
    return waitFor(look, { ms: KEPT_MS, every: WATCH_MS, what: `the state of exec ${id}` });
  }

  private note(state: ExecState): void {
    const now = steadyClock.now();
    for (const [id, { at }] of this.ended) {
      if (now - at < KEPT_MS && this.ended.size < KEPT) break;
      this.ended.delete(id);
    }
    this.ended.set(state.ID, { state, at: now });
    this.died(state.ID, state.ExitCode ?? 0);
  }

  private died(id: string, exitCode: number): void {
    if (this.all.get(id)?.refused === false) this.tell(id, 'exec_die', { exitCode: String(exitCode) });
    this.all.delete(id);
  }

  private tell(
    id: string,
    action: 'exec_create' | 'exec_start' | 'exec_die' | 'exec_detach',
    extra: Record<string, string> = {},
  ): void {
    const made = this.all.get(id);
    const container = made && this.directory.get(made.containerId);
    if (!container) return;
    // What comes later names the command by its id only.
    const what = action === 'exec_die' || action === 'exec_detach' ? action : `${action}: ${made.command}`;
    this.events.container(container, what, { execID: id, ...extra });
  }

  private async look(id: string): Promise<ExecState> {
    mustBeExecId(id);
    try {
      const state = await askEngine<ExecState>(this.engine.socketPath, {
        method: 'GET',
        path: `/exec/${encodeURIComponent(id)}/json`,
      });
      const container = this.directory.byEngineId(state.ContainerID);
      return {
        ...state,
        ContainerID: container?.id ?? state.ContainerID,
        ExitCode: state.Running ? null : state.ExitCode,
      };
    } catch (error) {
      if (SkepError.is(error, 'not_found')) throw notFound(`No such exec instance: ${id}`, error);
      throw error;
    }
  }
}

/** Engines name commands in hexadecimal; no other text may become part of a path. */
export function mustBeExecId(id: string): string {
  if (/^[0-9a-f]{1,64}$/.test(id)) return id;
  throw notFound(`No such exec instance: ${id.slice(0, 100)}`);
}
