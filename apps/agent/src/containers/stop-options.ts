import { invalid } from '#lib/common';
import type { Container } from '#lib/domain';
import { signalNumber } from './signals.js';

/** A stop without end: longer than any machine runs, and still a number of seconds that engines accept. */
const FOREVER = 1_000_000_000;

export interface StopOptions {
  /** seconds until SIGKILL; negative: never; undefined: as the container has it */
  timeoutSeconds?: number;
  /** by name or number; undefined or empty: as the container has it */
  signal?: string;
}

/** How a container's row asks for that stop. Refuses, in Docker's words, what is no signal. */
export function stopWishes(options: StopOptions): Pick<Container, 'stopWithinSeconds' | 'stopSignal'> {
  const { timeoutSeconds, signal = '' } = options;
  const stopSignal = signal === '' ? undefined : signalNumber(signal);
  if (signal !== '' && stopSignal === undefined) throw invalid(`invalid signal: ${signal.slice(0, 50)}`);
  return { stopWithinSeconds: timeoutSeconds === undefined ? undefined : graceOf(timeoutSeconds), stopSignal };
}

/** Seconds until SIGKILL, as rows have them, from those that are asked for: negative means never. */
export function graceOf(seconds: number): number {
  return seconds < 0 ? FOREVER : seconds;
}
