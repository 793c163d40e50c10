import { setTimeout } from 'node:timers/promises';
import { ENGINE, type TestNode } from './node.js';

/** Milliseconds until Docker Engine has surely heard of its own pause. */
const HEARD_MS = ENGINE === 'docker' ? 2_000 : 0;

/**
 * Does something while a container is paused. Docker Engine hears of the pause once more, from containerd: where that is
 * after its end, it holds the container for paused until it hears of the end, too. Nothing shows when it has.
 */
export async function whilePaused(node: TestNode, name: string, work: () => Promise<void>): Promise<void> {
  await node.mustDocker(['pause', name]);
  await Promise.all([work(), setTimeout(HEARD_MS)]);
  await node.mustDocker(['unpause', name]);
}
