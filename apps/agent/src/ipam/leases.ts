import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Inject, Injectable } from '@nestjs/common';
import { replaceFileSync } from '#lib/common';
import { dnsTtl, type Container } from '#lib/domain';
import type { Store } from '#lib/store';
import { NODE, STORE, type Node } from '../node/tokens.js';

/**
 * Addresses that were given back a moment ago and are not handed out again yet: somebody may remember the old name for
 * as long as the network's TTL. They are kept in a file of the exec root too, which outlives the agent and not the
 * machine: after a reboot nobody remembers.
 */
@Injectable()
export class Leases {
  private readonly path: string;
  /** `network address` → until when, milliseconds since the epoch */
  private readonly resting: Map<string, number>;

  constructor(
    @Inject(NODE) node: Pick<Node, 'config'>,
    @Inject(STORE) private readonly store: Pick<Store, 'get'>,
  ) {
    this.path = join(node.config.execRoot, 'resting-addresses.json');
    this.resting = new Map(read(this.path));
  }

  released(container: Container): void {
    const now = Date.now();
    for (const { networkId, ipv4, ipv6 } of container.endpoints) {
      const network = this.store.get('network', networkId)?.value;
      if (!network) continue;
      for (const address of [ipv4, ipv6]) {
        if (address) this.resting.set(keyOf(networkId, address), now + dnsTtl(network) * 1000);
      }
    }
    this.forgetRested(now);
    write(this.path, [...this.resting]);
  }

  /** Addresses of the network that rest now. */
  quarantined(networkId: string): Set<string> {
    this.forgetRested(Date.now());
    const keys = [...this.resting.keys()].filter((key) => key.startsWith(`${networkId} `));
    return new Set(keys.map((key) => key.slice(networkId.length + 1)));
  }

  /** Where the clock was set back since, the others rest as if they had been given back now. */
  private forgetRested(now: number): void {
    for (const [key, until] of this.resting) {
      const network = this.store.get('network', networkOf(key))?.value;
      const latest = now + (network ? dnsTtl(network) * 1000 : 0);
      if (Math.min(until, latest) <= now) this.resting.delete(key);
      else if (until > latest) this.resting.set(key, latest);
    }
  }
}

const keyOf = (networkId: string, address: string) => `${networkId} ${address}`;
const networkOf = (key: string) => key.slice(0, key.indexOf(' '));

/** Nothing where the file is missing or broken: then addresses rest no longer than they have. */
function read(path: string): [string, number][] {
  try {
    const entries: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return Array.isArray(entries) ? entries.filter(isEntry) : [];
  } catch {
    return [];
  }
}

function isEntry(entry: unknown): entry is [string, number] {
  return Array.isArray(entry) && typeof entry[0] === 'string' && typeof entry[1] === 'number';
}

function write(path: string, entries: readonly [string, number][]): void {
  mkdirSync(join(path, '..'), { recursive: true });
  replaceFileSync(path, JSON.stringify(entries), { mode: 0o600, durable: false });
}
