import { constants } from 'node:os';
import { invalid } from '#lib/common';

/** First and last real-time signal, as the C library numbers them. */
const RTMIN = 34;
const RTMAX = 64;

/** A signal by number, or by name with or without `SIG`, in any case. Refused in Docker's words where there is none. */
export function signalOf(text: string): string {
  const word = text.trim().toUpperCase().replace(/^SIG/, '');
  if (/^\d+$/.test(word)) {
    const number = Number(word);
    if (number >= 1 && number <= RTMAX) return word;
  } else if (`SIG${word}` in constants.signals || isRealTime(word)) {
    return `SIG${word}`;
  }
  throw invalid(`invalid signal: ${text.slice(0, 50)}`);
}

/** The number that either form stands for. */
export function signalNumber(signal: string): number {
  if (/^\d+$/.test(signal)) return Number(signal);
  const offset = /^SIGRT(MIN|MAX)(?:([+-]\d+))?$/.exec(signal);
  if (offset) return (offset[1] === 'MIN' ? RTMIN : RTMAX) + Number(offset[2] ?? 0);
  return constants.signals[signal as NodeJS.Signals];
}

function isRealTime(word: string): boolean {
  if (!/^RT(MIN(\+\d+)?|MAX(-\d+)?)$/.test(word)) return false;
  const number = signalNumber(`SIG${word}`);
  return number >= RTMIN && number <= RTMAX;
}
