import { internal } from '#lib/common';
import { quantile } from '../report/statistics.js';

const SERVER = ['-s', '127.0.0.11'];
const SOCKETS = ['-c', '8'];
const SECONDS = 4;

/** Runs a program where the questions are to come from, and gives its standard output. */
export type Inside = (command: string, args: readonly string[]) => Promise<string>;

/** Questions per second, with at most 100 unanswered at a time. */
export async function throughput(inside: Inside, questionsFile: string): Promise<number> {
  const output = await inside('dnsperf', [...SERVER, ...SOCKETS, '-d', questionsFile, '-l', `${SECONDS}`]);
  demandAnswers(output);
  return Number(/Queries per second:\s+([\d.]+)/.exec(output)?.[1]);
}

/** 99th percentile of the time to an answer, in milliseconds, at `rate` questions per second. */
export async function p99(inside: Inside, questionsFile: string, rate: number): Promise<number> {
  const pace = ['-Q', `${rate}`, '-l', `${SECONDS}`, '-v'];
  const output = await inside('dnsperf', [...SERVER, ...SOCKETS, '-d', questionsFile, ...pace]);
  demandAnswers(output);
  const seconds = [...output.matchAll(/^> NOERROR \S+ \S+ ([\d.]+)$/gm)].map((match) => Number(match[1]));
  return 1000 * quantile(seconds, 0.99);
}

/** A fast server that refuses or loses questions is not a fast server. */
function demandAnswers(output: string): void {
  const codes = /Response codes:\s+(.*)/.exec(output)?.[1] ?? 'none';
  const lost = Number(/Queries lost:\s+(\d+)/.exec(output)?.[1]);
  const sent = Number(/Queries sent:\s+(\d+)/.exec(output)?.[1]);
  if (!/^NOERROR \d+ \(100\.00%\)$/.test(codes) || !(lost <= sent / 1000)) {
    throw internal(`dnsperf: answers ${codes}, ${lost} of ${sent} lost; expected NOERROR and at most 0.1% lost`);
  }
}
