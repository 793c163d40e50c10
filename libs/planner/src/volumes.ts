import type { Container, Observed } from '#lib/domain';
import type { Desired } from './desired.js';
import { step, stepId, type Step } from './steps.js';

export function planVolumes(desired: Desired, observed: Observed): Step[] {
  return desired.volumes.flatMap((volume): Step[] => {
    if (volume.target === 'present') {
      return observed.volumes.has(volume.name) ? [] : [step({ kind: 'volume.create', volume })];
    }
    const leaving = desired.containers.filter((each) => each.target === 'removed' && each.project === volume.project);
    return [
      step(
        { kind: 'volume.remove', volume },
        leaving.map((each) => stepId('container.remove', each.id)),
      ),
    ];
  });
}

/** Names of the volumes that the container's mounts ask for. */
export function mountedVolumes({ spec }: Pick<Container, 'spec'>): Set<string> {
  const { Binds, Mounts } = spec.HostConfig ?? {};
  const binds = ((Binds ?? []) as string[]).flatMap((bind) => {
    const [source = '', target] = bind.split(':');
    return target === undefined || source.startsWith('/') ? [] : [source];
  });
  const mounts = ((Mounts ?? []) as { Type?: string; Source?: string }[]).flatMap(({ Type, Source }) =>
    Type === 'volume' && Source ? [Source] : [],
  );
  return new Set([...binds, ...mounts]);
}
