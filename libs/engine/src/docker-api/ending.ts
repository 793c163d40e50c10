import { systemClock, type Clock } from '#lib/common';

const TRIES = 20;
const PAUSE = 100;

/**
 * Podman refuses to end, and so to remove, a container whose process ends by itself at this moment; a little later it
 * has ended. Tries again for two seconds.
 */
export async function whileItEnds<T>(work: () => Promise<T>, clock: Clock = systemClock): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await work();
    } catch (error) {
      const ending = /state improper: (stopped|stopping|exited)/.test(String(error));
      if (!ending || tries === TRIES) throw error;
      await clock.sleep(PAUSE);
    }
  }
}
