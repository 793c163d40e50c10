import type { EngineSpec } from '#lib/domain';

interface LogConfig {
  Config?: Record<string, string> | null;
}

/**
 * What `docker logs --details` puts in front of a line: the labels and variables that the log options `labels`,
 * `labels-regex`, `env` and `env-regex` name, in the order of their names.
 */
export function logDetails({ Labels = {}, Env = [], HostConfig }: EngineSpec): string {
  const options = (HostConfig?.['LogConfig'] as LogConfig | undefined)?.Config ?? {};
  const variables = Env.filter((entry) => entry.includes('=')).map((entry): [string, string] => {
    const at = entry.indexOf('=');
    return [entry.slice(0, at), entry.slice(at + 1)];
  });
  const chosen = new Map([
    ...Object.entries(Labels).filter(named(options['labels'], options['labels-regex'])),
    ...variables.filter(named(options['env'], options['env-regex'])),
  ]);
  return [...chosen]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${escaped(key)}=${escaped(value)}`)
    .join(',');
}

function named(names = '', pattern = ''): (entry: [string, string]) => boolean {
  const wanted = names.split(',');
  const expression = patternOf(pattern);
  return ([name]) => wanted.includes(name) || (expression?.test(name) ?? false);
}

/** A pattern that is none chooses nothing. */
function patternOf(text: string): RegExp | undefined {
  try {
    return text === '' ? undefined : new RegExp(text);
  } catch {
    return undefined;
  }
}

/** As Go's url.QueryEscape writes it. */
function escaped(text: string): string {
  const others = /[!'()*]/g;
  return encodeURIComponent(text)
    .replace(others, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+');
}
