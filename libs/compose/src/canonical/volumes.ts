import { posix } from 'node:path';
import { invalid } from '#lib/common';
import type { Dict, Value } from '../values.js';
import { fields } from './mappings.js';

const PROPAGATION = ['shared', 'slave', 'private', 'rshared', 'rslave', 'rprivate'];
const CONSISTENCY = ['consistent', 'cached', 'delegated'];

/** `[SOURCE:]TARGET[:MODE,…]`: a source that looks like a path is bound, any other is a named volume. */
export function parseVolume(text: string): Dict {
  const parts = splitParts(text);
  if (parts.length > 3 || parts.some((part) => part === '')) {
    throw invalid(`invalid volume "${text}"; write [SOURCE:]TARGET[:MODE], e.g. ./data:/var/lib/data:ro`);
  }
  if (parts.length === 1) return fields({ type: 'volume', target: cleanTarget(text), volume: fields({}) });
  const [source, target, options] = parts;
  const bound = isPath(source!);
  const kind = fields({});
  const volume = fields({
    type: bound ? 'bind' : 'volume',
    source: source!,
    target: cleanTarget(target!),
    [bound ? 'bind' : 'volume']: kind,
  });
  for (const option of options?.split(',') ?? []) {
    if (option === 'ro') volume.read_only = true;
    else if (option === 'nocopy') volume.volume = fields({ nocopy: true });
    else if (bound && (option === 'z' || option === 'Z')) kind.selinux = option;
    else if (bound && PROPAGATION.includes(option)) kind.propagation = option;
    else if (CONSISTENCY.includes(option)) volume.consistency = option;
    // Other modes are Docker's own and without effect here; Docker Compose ignores them as well.
  }
  return volume;
}

/** As Docker Compose has it, so that one place is named in one way: `/data/` is `/data`. */
const cleanTarget = (target: string) => posix.normalize(target).replace(/(?<=.)\/$/, '');

/** Colons separate, except the one of a Windows drive (`c:\data`); `c:/data` is a volume with a short name. */
function splitParts(text: string): string[] {
  const parts: string[] = [];
  for (const part of text.split(':')) {
    const before = parts.at(-1);
    if (before !== undefined && /^[a-zA-Z]$/.test(before) && part.startsWith('\\'))
      parts[parts.length - 1] = `${before}:${part}`;
    else parts.push(part);
  }
  return parts;
}

const isPath = (source: string) => /^(?:[./~]|[a-zA-Z]:[\\/]|\\\\)/.test(source);

/** An item of `volumes`. */
export const volumeEntry = (item: Value): Value => (typeof item === 'string' ? parseVolume(item) : item);
