import type { RunState } from '../../../containers/run-state.js';

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** From how many seconds on a length of time is told in which unit; Docker rounds hours and cuts the others off. */
const UNITS: readonly [from: number, unit: number, name: string][] = [
  [2 * 365 * DAY, 365 * DAY, 'years'],
  [60 * DAY, 30 * DAY, 'months'],
  [14 * DAY, 7 * DAY, 'weeks'],
  [2 * DAY, DAY, 'days'],
];

/** A length of time in Docker's words: `Less than a second`, `5 seconds`, `About an hour`, `3 weeks`. Milliseconds. */
export function lengthText(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  if (seconds < 1) return 'Less than a second';
  if (seconds === 1) return '1 second';
  if (seconds < MINUTE) return `${seconds} seconds`;
  const minutes = Math.floor(seconds / MINUTE);
  if (minutes === 1) return 'About a minute';
  if (minutes < 60) return `${minutes} minutes`;
  const hours = Math.round(ms / 1000 / HOUR);
  if (hours === 1) return 'About an hour';
  if (hours < 48) return `${hours} hours`;
  const [, unit, name] = UNITS.find(([from]) => hours * HOUR >= from)!;
  return `${Math.floor((hours * HOUR) / unit)} ${name}`;
}

/** The STATUS column of `docker ps`. `now` is in milliseconds since the epoch. */
export function statusText(state: RunState, now: number): string {
  const since = (time: string) => lengthText(Math.max(0, now - Date.parse(time)));
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
    case 'removing':
      return 'Removal In Progress';
    case 'dead':
      return 'Dead';
  }
}

function healthText({ health }: RunState): string {
  if (health === 'none') return '';
  return health === 'starting' ? ' (health: starting)' : ` (${health})`;
}
