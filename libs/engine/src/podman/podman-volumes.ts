import { invalid } from '#lib/common';

const PAGE = 4096;
const UNITS: Readonly<Record<string, number>> = { '': 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 };

/**
 * Options of a volume of Docker's local driver for Podman. It takes the size of one in memory for a quota of its disk,
 * and refuses; the kernel counts pages as well (tmpfs(5): nr_blocks).
 */
export function podmanVolumeOptions(options: Readonly<Record<string, string>>): Record<string, string> {
  const { type, o = '' } = options;
  if (type !== 'tmpfs' || !/(?:^|,)size=/.test(o)) return { ...options };
  const words = o.split(',').map((word) => (word.startsWith('size=') ? `nr_blocks=${pagesOf(word.slice(5))}` : word));
  return { ...options, o: words.join(',') };
}

function pagesOf(size: string): number {
  const [, digits, unit = ''] = /^(\d{1,15})([kmgt]?)$/i.exec(size) ?? [];
  if (digits === undefined) throw invalid(`size=${size}: a number of bytes is expected, with k, m, g or t after it`);
  return Math.ceil((Number(digits) * UNITS[unit.toLowerCase()]!) / PAGE);
}
