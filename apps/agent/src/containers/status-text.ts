import { lengthText } from '#lib/common';
import type { RunState } from './run-state.js';

/** The STATUS column of `docker ps` and `skep ps`. `now` is in milliseconds since the epoch. */
export function statusText(state: RunState, now: number): string {
  const since = (time: string) => lengthText(now - Date.parse(time));
  switch (state.phase) {
    case 'running':
      return `Up ${since(state.startedAt)}${healthText(state)}`;
    case 'paused':
      return `Up ${since(state.startedAt)} (Paused)`;
    case 'restarting':
      return `Restarting (${state.exitCode}) ${since(state.finishedAt)} ago`;
    case 'exited':
      return `Exited (${state.exitCode}) ${since(state.finishedAt)} ago`;
    case 'created':
      return 'Created';
  }
}

function healthText({ health }: RunState): string {
  if (health === 'none') return '';
  return health === 'starting' ? ' (health: starting)' : ` (${health})`;
}
