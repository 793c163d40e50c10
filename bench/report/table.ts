import type { Comparison } from '../measure.js';
import { median } from './statistics.js';

/** skep's median as a multiple of the peer's. */
export const ratioOf = ({ skep, theirs }: Comparison) => median(skep) / median(theirs);

export function isMet(comparison: Comparison): boolean {
  const { bar } = comparison;
  const [reached, asked] = 'ratio' in bar ? [ratioOf(comparison), bar.ratio] : [median(comparison.skep), bar.figure];
  if (bar.relation === '>=') return reached >= asked;
  return bar.relation === '<=' ? reached <= asked : reached < asked;
}

/** Markdown; medians, the range of the rounds in brackets. */
export function table(comparisons: readonly Comparison[]): string {
  const head = ['what', 'skep', 'peer', 'peer is', 'ratio', 'bar', 'met'];
  const rows = comparisons.map((each) => [
    each.what,
    figure(each.skep, each.unit),
    figure(each.theirs, each.unit),
    each.peer,
    `${ratioOf(each).toFixed(2)} ×`,
    barText(each),
    isMet(each) ? 'yes' : 'NO',
  ]);
  const lines = [head, head.map(() => '---'), ...rows];
  return lines.map((cells) => `| ${cells.join(' | ')} |\n`).join('');
}

function figure(rounds: readonly number[], unit: string): string {
  const [middle, least, most] = [median(rounds), Math.min(...rounds), Math.max(...rounds)].map(digits);
  return `${middle} ${unit} (${least}–${most})`;
}

/** Three digits that mean something, no more. */
const digits = (value: number) => (value >= 100 ? Math.round(value).toLocaleString('en') : value.toPrecision(3));

function barText({ bar, unit }: Comparison): string {
  const asked = 'ratio' in bar ? `${bar.ratio} ×` : `${bar.figure} ${unit}`;
  return `${{ '>=': '≥', '<=': '≤', '<': '<' }[bar.relation]} ${asked}`;
}
