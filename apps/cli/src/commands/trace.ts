import { type Command, Option } from 'commander';
import { isIP } from 'node:net';
import { invalid } from '#lib/common';
import type { TraceView } from '#lib/contracts';
import type { Context } from '../context.js';
import { json } from '../output/table.js';

const MARKS = { ok: 'ok', no: 'NO', unseen: '??' } as const;

export function define(command: Command, context: Context): void {
  command
    .argument('<from>', 'the container that asks')
    .argument('<to>', 'a container, name or address; with :PORT or :PORT/udp, what listens there is checked as well')
    .addOption(new Option('--format <how>', 'text or json').choices(['text', 'json']).default('text'))
    .action(async (from: string, to: string, { format }: { format: 'text' | 'json' }) => {
      const found = await (await context.client()).trace({ from, ...parseTarget(to) });
      context.system.stdout.write(format === 'json' ? json(found) : traceText(found));
      if (!found.reached) context.exit(1);
    });
}

/** `NAME`, `ADDRESS`, `[IPV6]`, each with `:PORT` and that with `/tcp` or `/udp`. */
export function parseTarget(text: string): { to: string; port: string; protocol: string } {
  if (isIP(text)) return { to: text, port: '', protocol: 'tcp' };
  const parts = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d+)(?:\/(tcp|udp))?)?$/.exec(text);
  if (!parts) throw invalid(`${text}: expected NAME, ADDRESS or [IPV6], with :PORT or :PORT/udp after it`);
  const [, v6, name, port = '', protocol = 'tcp'] = parts;
  return { to: v6 ?? name ?? '', port, protocol };
}

function traceText({ from, to, port, protocol, reached, checks }: TraceView): string {
  const target = port === undefined ? to : `${to} port ${port}/${protocol}`;
  const lines = checks.map(({ about, state, says }) => `  ${MARKS[state]}  ${about.padEnd(9)}  ${says}`);
  const advice = checks.flatMap((check) => check.advice ?? []).map((text) => `  ->  ${text}`);
  return `${[`${from} ${reached ? 'reaches' : 'does not reach'} ${target}`, ...lines, ...advice].join('\n')}\n`;
}
