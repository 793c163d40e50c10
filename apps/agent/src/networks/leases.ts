import { Injectable } from '@nestjs/common';
import type { Container } from '#lib/domain';

/** An address rests this long after its container is gone: its old name may be remembered that long (TTL). Milliseconds. */
const REST = 5_000;

/** Addresses that were given back a moment ago and are not handed out again yet. */
@Injectable()
export class Leases {
  /** `network address` → until when, milliseconds since the epoch */
  private readonly resting = new Map<string, number>();

  released(container: Container): void {
    const until = Date.now() + REST;
    for (const { networkId, ipv4, ipv6 } of container.endpoints) {
      for (const address of [ipv4, ipv6]) if (address) this.resting.set(`${networkId} ${address}`, until);
    }
  }

  /** Addresses of the network that rest now. */
  quarantined(networkId: string): Set<string> {
    const now = Date.now();
    const addresses = new Set<string>();
    for (const [key, until] of this.resting) {
      if (until <= now) this.resting.delete(key);
      else if (key.startsWith(`${networkId} `)) addresses.add(key.slice(networkId.length + 1));
    }
    return addresses;
  }
}
