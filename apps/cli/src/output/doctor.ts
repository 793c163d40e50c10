import type { NodeInfo } from '#lib/contracts';
import type { Capability } from '#lib/host';
import type { Paint } from './style.js';
import { table } from './table.js';

export interface Findings {
  capabilities: Capability[];
  daemon: NodeInfo | { away: string };
}

/** What the machine has, what is missing and what that means, and what the daemon chose. */
export function doctorReport({ capabilities, daemon }: Findings, paint: Paint): string {
  const rows = capabilities.map((each) => [verdict(each), each.name, each.detail]);
  const [heading, ...lines] = table(['', 'WHAT', 'FOUND'], rows).trimEnd().split('\n');
  // Painted after the columns are aligned: the words in front are all of one width then.
  const painted = lines.map((line, index) => paintVerdict(line, capabilities[index], paint));
  const missing = capabilities.filter(({ ok, needed }) => needed && !ok);
  const summary =
    missing.length === 0
      ? paint('green', 'This machine can run skep.')
      : paint('red', `This machine cannot run skep: ${missing.map(({ name }) => name).join(', ')}.`);
  return `${[heading, ...painted, '', ...daemonLines(daemon), '', summary].join('\n')}\n`;
}

function verdict({ ok, needed }: Capability): string {
  return ok ? 'ok' : needed ? 'MISSING' : 'note';
}

function paintVerdict(line: string, capability: Capability | undefined, paint: Paint): string {
  if (!capability) return line;
  const word = verdict(capability);
  return paint(capability.ok ? 'green' : capability.needed ? 'red' : 'yellow', word) + line.slice(word.length);
}

function daemonLines(daemon: Findings['daemon']): string[] {
  if ('away' in daemon) return [`daemon: ${daemon.away}`];
  const { engine, resolver, dataRoot, execRoot, networks, containers, warnings } = daemon;
  return [
    `daemon: ${daemon.version}, node ${daemon.nodeId.slice(0, 12)}, ${containers} containers, ${networks} networks`,
    `  engine:         ${engine.name} ${engine.version}`,
    `  runtime:        ${engine.runtime}`,
    `  storage driver: ${engine.storageDriver}`,
    `  resolver:       ${resolver}`,
    `  data root:      ${dataRoot}`,
    `  exec root:      ${execRoot}`,
    ...warnings.map((warning) => `  warning: ${warning}`),
  ];
}
