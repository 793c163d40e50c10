import { invalid } from '#lib/common';
import type { Healthcheck } from '#lib/domain';
import type { ImageDefaults } from '#lib/engine';

const MS = 1_000_000;

/**
 * From the Docker API's form, of a request or of an image. Durations are nanoseconds; 0 and absent mean Docker's defaults.
 * Undefined: there is none.
 */
export function fromDockerHealthcheck(check: ImageDefaults['Healthcheck']): Healthcheck | undefined {
  if (!check?.Test?.length || check.Test[0] === 'NONE') return undefined;
  const [kind] = check.Test;
  if (kind !== 'CMD' && kind !== 'CMD-SHELL') {
    throw invalid(`Unknown healthcheck type ${JSON.stringify(kind)}: expected CMD, CMD-SHELL or NONE`);
  }
  const duration = (name: string, value: number | undefined, otherwise: number) => {
    if (!value) return otherwise;
    if (value < MS) throw invalid(`${name} in Healthcheck cannot be less than 1ms`);
    return Math.round(value / MS);
  };
  return {
    test: check.Test,
    intervalMs: duration('Interval', check.Interval, 30_000),
    timeoutMs: duration('Timeout', check.Timeout, 30_000),
    retries: check.Retries || 3,
    startPeriodMs: duration('StartPeriod', check.StartPeriod, 0),
    startIntervalMs: duration('StartInterval', check.StartInterval, 5_000),
  };
}

/** What was asked for, and from the image whatever was not said, by Docker's rules; both in the Docker API's form. */
export function withImageHealthcheck(asked: ImageDefaults['Healthcheck'], image: ImageDefaults['Healthcheck']) {
  if (!asked && !image) return undefined;
  return {
    Test: asked?.Test?.length ? asked.Test : image?.Test,
    Interval: asked?.Interval || image?.Interval,
    Timeout: asked?.Timeout || image?.Timeout,
    StartPeriod: asked?.StartPeriod || image?.StartPeriod,
    StartInterval: asked?.StartInterval || image?.StartInterval,
    Retries: asked?.Retries || image?.Retries,
  };
}

/** To the Docker API's form, with the defaults that hold. */
export function toDockerHealthcheck(check: Healthcheck): NonNullable<ImageDefaults['Healthcheck']> {
  return {
    Test: check.test,
    Interval: check.intervalMs * MS,
    Timeout: check.timeoutMs * MS,
    ...(check.startPeriodMs > 0 && { StartPeriod: check.startPeriodMs * MS }),
    StartInterval: check.startIntervalMs * MS,
    Retries: check.retries,
  };
}
