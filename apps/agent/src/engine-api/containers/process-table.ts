import { invalid } from '#lib/common';

/** GET /containers/:name/top. */
export interface ProcessTable {
  Titles: string[];
  Processes: string[][];
}

/**
 * Of what ps(1) printed, the processes of a container: the last column takes what is left of a line. Docker shows the
 * node's own process numbers. Pure.
 * @param output with a line of titles, among them PID
 */
export function processTable(output: string, pids: ReadonlySet<number>): ProcessTable {
  const [head = '', ...lines] = output.split('\n').filter((line) => line.trim() !== '');
  const titles = head.trim().split(/\s+/);
  const at = titles.indexOf('PID');
  if (at < 0) throw invalid("Couldn't find PID field in ps output");
  const rows = lines.map((line) => {
    const fields = line.trim().split(/\s+/);
    return [...fields.slice(0, titles.length - 1), fields.slice(titles.length - 1).join(' ')];
  });
  return { Titles: titles, Processes: rows.filter((row) => pids.has(Number(row[at]))) };
}

/** Arguments of ps(1) as clients give them. What would leave out the titles, or call another column PID, is refused. */
export function psArguments(given: string | undefined): string[] {
  const args = (given ?? '').trim() === '' ? ['-ef'] : given!.trim().split(/\s+/);
  const hides = (arg: string) => /^--no-?head/.test(arg) || /(?<!\bpid)=\s*PID/.test(arg);
  if (args.some(hides)) throw invalid(`ps_args: ${JSON.stringify(given)}: titles cannot be left out, and PID is one`);
  return args;
}
