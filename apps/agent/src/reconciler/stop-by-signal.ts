import { after, SkepError } from '#lib/common';
import type { ObservedContainer } from '#lib/domain';
import type { Engine } from '#lib/engine';
import type { World } from '../world/world.js';

/** Milliseconds. What nobody tells of is seen by looking. */
const LOOK_EVERY = 1_000;

/**
 * Sends a signal that is not the container's own stop signal, which engines are not asked for below API 1.42. Resolves
 * when the container has ended, or after its grace, at the latest: whatever still runs is to be killed then.
 */
export async function stopBySignal(
  { engine, world }: { engine: Engine; world: World },
  seen: ObservedContainer,
  { signal, graceSeconds }: { signal: number; graceSeconds: number },
): Promise<void> {
  try {
    await engine.kill(seen.engineId, String(signal));
  } catch (error) {
    // It has just ended.
    if (SkepError.is(error, 'conflict')) return;
    throw error;
  }
  await ended(world, seen, graceSeconds * 1000);
}

function ended(world: World, { id, engineId }: ObservedContainer, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const settle = () => {
      unsubscribe();
      clearInterval(looking);
      callOff();
      resolve();
    };
    const judge = () => {
      const state = world.container(id)?.state;
      if (state === undefined || state === 'exited' || state === 'created') settle();
    };
    const look = () =>
      world.look(engineId).catch((error: unknown) => {
        if (SkepError.is(error, 'not_found')) settle();
      });
    const looking = setInterval(() => void look(), LOOK_EVERY);
    const callOff = after(ms, settle);
    const unsubscribe = world.onContainer((changed) => {
      if (changed === id) judge();
    });
    judge();
  });
}
