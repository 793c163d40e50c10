import { z } from 'zod';
import { digestOf, messageOf } from '#lib/common';
import type { Task } from '#lib/domain';
import { parseBody } from '#lib/http';
import { checkMounts, mount, withNames, type MountBody } from '../volumes/mounts.js';

type Filled = (text: string) => string;

const mounts = z.array(mount);

/**
 * What a task mounts, with its placeholders filled in and a name for each volume that has none and is more than what an
 * engine makes by itself. Pure.
 * @returns `own`: the names that were given here, the same ones each time
 */
export function mountsOf(task: Task, filled: Filled): { mounts: MountBody[]; own: string[] } {
  // One of which something is wrong is not started (`wrongMount`).
  const { data = [] } = mounts.safeParse(asked(task));
  let count = 0;
  return withNames(fill(data, filled), () => digestOf(`volume ${count++} of task ${task.id}`));
}

/**
 * Why a task cannot have its mounts, in the words of `docker run`; undefined: nothing is against them.
 * @param exists is there such a file on the node?
 */
export function wrongMount(task: Task, filled: Filled, exists: (path: string) => boolean): string | undefined {
  try {
    checkMounts([], fill(parseBody(mounts, asked(task)), filled), exists);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

const asked = ({ spec }: Task): unknown => spec.ContainerSpec?.Mounts ?? [];

function fill(all: readonly MountBody[], filled: Filled): MountBody[] {
  return all.map((each) => ({
    ...each,
    ...(each.Source && { Source: filled(each.Source) }),
    Target: filled(each.Target),
    ...(each.VolumeOptions && { VolumeOptions: fillOptions(each.VolumeOptions, filled) }),
  }));
}

type VolumeOptions = NonNullable<MountBody['VolumeOptions']>;

/** Values of labels and of the driver's options, as Docker has it. */
function fillOptions(options: VolumeOptions, filled: Filled): VolumeOptions {
  const each = (values: Record<string, string>) =>
    Object.fromEntries(Object.entries(values).map(([key, value]) => [key, filled(value)]));
  const driver = options.DriverConfig;
  return {
    ...options,
    Labels: each(options.Labels),
    DriverConfig: driver && { ...driver, Options: each(driver.Options) },
  };
}
