import { readFileSync, statSync } from 'node:fs';

export interface ResolverSettings {
  servers: string[];
  search: string[];
  options: string[];
}

const NOTHING: ResolverSettings = { servers: [], search: [], options: [] };

/** The node's own resolver settings, read again when the file has changed. */
export class ResolvConf {
  #settings = NOTHING;
  #changed = -1;

  constructor(private readonly path: string) {}

  /** Empty when there is no file. */
  settings(): ResolverSettings {
    const changed = statSync(this.path, { throwIfNoEntry: false })?.mtimeMs;
    if (changed === undefined) return NOTHING;
    if (changed !== this.#changed) {
      this.#settings = resolverSettings(readFileSync(this.path, 'utf8'));
      this.#changed = changed;
    }
    return this.#settings;
  }

  servers(): string[] {
    return this.settings().servers;
  }
}

/**
 * resolv.conf(5): lines `nameserver ADDRESS`, at most three of them; of `search DOMAIN…` and `domain DOMAIN` the last one
 * holds; of lines `options OPTION…` all do.
 */
export function resolverSettings(text: string): ResolverSettings {
  const settings: ResolverSettings = { servers: [], search: [], options: [] };
  for (const line of text.split('\n')) {
    const [keyword, ...values] = line.trimEnd().split(/\s+/u);
    if (values.length === 0) continue;
    if (keyword === 'nameserver' && settings.servers.length < 3) settings.servers.push(values[0]!);
    if (keyword === 'search') settings.search = values;
    if (keyword === 'domain') settings.search = values.slice(0, 1);
    if (keyword === 'options') settings.options.push(...values);
  }
  return settings;
}
