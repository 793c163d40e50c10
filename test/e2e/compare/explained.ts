import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from '../harness/image.js';

const HEADING = '## Compared, request by request';

/** A row of the document: which steps, which difference, with `*` for anything. */
export interface Explanation {
  row: string;
  fits(step: string, difference: string): boolean;
}

/** The rows of docs/compatibility.md that explain differences. */
export async function explanations(): Promise<Explanation[]> {
  const text = await readFile(join(ROOT, 'docs/compatibility.md'), 'utf8');
  const [, section = ''] = text.split(`${HEADING}\n`);
  const rows = section.split('\n## ')[0]!.split('\n');
  return rows.flatMap((row) => {
    const [, steps, difference] = /^\| (.+?) \| `` (.+?) `` \| .+ \|$/.exec(row) ?? [];
    if (steps === undefined || difference === undefined) return [];
    const [named, told] = [wild(steps), wild(difference)];
    return [{ row, fits: (step: string, line: string) => named.test(step) && told.test(line) }];
  });
}

function wild(pattern: string): RegExp {
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 's');
}
