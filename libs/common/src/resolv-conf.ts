import { readFileSync, statSync } from 'node:fs';

/** The node's own name servers, read again when the file has changed. */
export class ResolvConf {
  #servers: string[] = [];
  #changed = -1;

  constructor(private readonly path: string) {}

  /** Empty when there is no file or no server in it. */
  servers(): string[] {
    const changed = statSync(this.path, { throwIfNoEntry: false })?.mtimeMs;
    if (changed === undefined) return [];
    if (changed !== this.#changed) {
      this.#servers = nameservers(readFileSync(this.path, 'utf8'));
      this.#changed = changed;
    }
    return this.#servers;
  }
}

/** resolv.conf(5): a line `nameserver ADDRESS`, at most three of them. */
export function nameservers(text: string): string[] {
  return text
    .split('\n')
    .map((line) => /^nameserver\s+(\S+)/u.exec(line)?.[1])
    .filter((address) => address !== undefined)
    .slice(0, 3);
}
