import { Logger } from '@nestjs/common';
import { after, messageOf, SkepError, steadyClock } from '#lib/common';
import { graceSeconds, isToEnd, type Container } from '#lib/domain';
import type { Engine } from '#lib/engine';
import type { Store } from '#lib/store';
import type { World } from '../world/world.js';

const log = new Logger('containers');

/**
 * Carries out a stop, and kills the container as soon as a wish of meanwhile leaves it no more time: engines are told of
 * theirs once, when they begin. A wish counts from its own moment, and none gives more time than there was.
 * @param stop ends when the container has ended, whoever ended it
 */
export async function endingInTime(
  { engine, store, world }: { engine: Engine; store: Store; world: World },
  { container, engineId }: { container: Container; engineId: string },
  stop: () => Promise<void>,
): Promise<void> {
  const until = (wish: Container) => steadyClock.now() + graceSeconds(wish) * 1000;
  const kill = async () => {
    try {
      await engine.kill(engineId, '9');
      await world.look(engineId);
    } catch (error) {
      // It has just ended.
      if (SkepError.is(error, 'conflict') || SkepError.is(error, 'not_found')) return;
      log.warn(`${container.name} goes on with a stop that was to end: ${messageOf(error)}`);
    }
  };
  let deadline = until(container);
  let callOff = () => {};
  // Timers of a busy process ring early.
  const wait = () => {
    const left = Math.ceil(deadline - steadyClock.now());
    if (left > 0) callOff = after(left, wait);
    else void kill();
  };
  const unsubscribe = store.feed(({ changes }) => {
    for (const change of changes) {
      if (change.kind !== 'container' || change.op !== 'put' || change.value.id !== container.id) continue;
      // One that is to run again has the time that it was given before.
      if (!isToEnd(change.value) || until(change.value) >= deadline) continue;
      deadline = until(change.value);
      callOff();
      wait();
    }
  });
  try {
    await stop();
  } finally {
    unsubscribe();
    callOff();
  }
}
