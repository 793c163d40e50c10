import { close } from 'node:fs';
import { SkepError } from '#lib/common';
import type { ObservedLink } from '#lib/domain';
import { announcement } from '../announcement.js';
import { observeLinks } from '../netlink/observe.js';
import { AF_PACKET, checked, SOCK_CLOEXEC, SOCK_RAW, sys } from './libc.js';
import { inNetns } from './netns.js';

/**
 * Milliseconds after which a link's addresses are said again: a bridge forwards nothing yet at the moment when a port's
 * other end comes up, and frames get lost.
 */
const AGAIN = [100, 1000];

/** Says of links, unasked, which addresses they have. */
export class Announcer {
  private readonly timers = new Map<string, NodeJS.Timeout>();

  announce(link: string, netns?: string): void {
    this.say(link, netns, AGAIN);
  }

  close(): void {
    for (const timer of this.timers.values()) clearTimeout(timer);
    this.timers.clear();
  }

  /** What the link has at this moment: an address that has moved on is not claimed again. */
  private say(name: string, netns: string | undefined, [next, ...later]: readonly number[]): void {
    const key = `${netns ?? ''} ${name}`;
    clearTimeout(this.timers.get(key));
    this.timers.delete(key);
    if (!sent(name, netns) || next === undefined) return;
    const timer = setTimeout(() => this.say(name, netns, later), next);
    this.timers.set(key, timer.unref());
  }
}

/** false: there is no such link any more */
function sent(name: string, netns: string | undefined): boolean {
  try {
    return inNetns(netns, () => {
      const link = observeLinks().find((each) => each.name === name);
      if (link) sendAll(link);
      return link !== undefined;
    });
  } catch (error) {
    if (SkepError.is(error, 'not_found')) return false;
    throw error;
  }
}

/** Who does not hear it learns it by asking: a link that takes no frames at the moment is no fault. */
function sendAll({ index, mac, addresses }: ObservedLink): void {
  const frames = addresses
    .map((each) => each.split('/')[0]!)
    .filter((each) => !each.startsWith('fe80:'))
    .map((address) => announcement(mac, address));
  if (frames.length === 0) return;
  // Protocol 0: it hears nothing.
  const socket = checked(sys.socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0), 'open a packet socket');
  try {
    const place = Buffer.alloc(20); // struct sockaddr_ll
    place.writeUInt16LE(AF_PACKET, 0);
    place.writeInt32LE(index, 4);
    if (sys.bind(socket, place, place.length) !== 0) return;
    for (const frame of frames) sys.send(socket, frame, frame.length, 0);
  } finally {
    // On a thread of the pool: the kernel lets go of a packet socket only when no processor looks at it any more, which
    // takes 10 ms and more.
    close(socket, () => undefined);
  }
}
