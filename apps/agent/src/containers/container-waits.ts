import { Inject, Injectable } from '@nestjs/common';
import type { ContainerStatus } from '#lib/domain';
import type { Store } from '#lib/store';
import { STORE } from '../node/tokens.js';
import { ContainerDirectory } from './container-directory.js';
import { isRunning, runStateOf } from './run-state.js';

/** Docker's conditions of POST /containers/:name/wait. */
export type WaitCondition = 'not-running' | 'next-exit' | 'removed';

/** Who waits for the end of a container, or for its removal. */
@Injectable()
export class ContainerWaits {
  constructor(
    @Inject(STORE) private readonly store: Store,
    private readonly directory: ContainerDirectory,
  ) {}

  /**
   * Begins at once, so that an end right after the call counts; throws at once when there is no such container. A start
   * that is refused counts as a run that has ended, but for `removed`, and so does one by the restart policy that is not
   * to be any more. Resolves to the exit code, or to undefined when the caller went away first.
   */
  begin(idOrName: string, condition: WaitCondition, signal: AbortSignal): Promise<number | undefined> {
    const known = this.directory.know(idOrName);
    if (signal.aborted) return Promise.resolve(undefined);
    const { container, status, seen } = known;
    const { id } = container;
    const state = runStateOf(known);
    if (condition === 'not-running' && !isRunning(state))
      return Promise.resolve(status.exitCode ?? seen?.exitCode ?? 0);
    let exitCode = status.exitCode ?? 0;
    let refused = isRefused(status);
    let between = state.phase === 'restarting';
    return new Promise((resolve) => {
      const settle = (code: number | undefined) => {
        stop();
        signal.removeEventListener('abort', away);
        resolve(code);
      };
      const away = () => settle(undefined);
      const stop = this.store.feed(({ changes }) => {
        for (const change of changes) {
          if (change.op === 'put' && change.kind === 'status' && change.value.containerId === id) {
            const ended = change.value.endedAt !== status.endedAt || (isRefused(change.value) && !refused);
            refused = isRefused(change.value);
            exitCode = change.value.exitCode ?? exitCode;
            const over = ended || (between && change.value.finished);
            if (over && condition !== 'removed') return settle(exitCode);
            between &&= change.value.restartAt !== undefined;
          }
          if (change.op === 'put' && change.kind === 'container' && change.value.id === id) {
            const over = between && change.value.target !== 'running';
            if (over && condition !== 'removed') return settle(exitCode);
          }
          if (change.op === 'delete' && change.kind === 'container' && change.id === id) return settle(exitCode);
        }
      });
      signal.addEventListener('abort', away);
    });
  }
}

const isRefused = ({ finished, error }: ContainerStatus): boolean => finished && Boolean(error);
