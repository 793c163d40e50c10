import type { ContainerSize } from '#lib/engine';
import type { KnownContainer } from '../../../containers/container-directory.js';
import { isRunning, runStateOf } from '../../../containers/run-state.js';
import { statusText } from '../../../containers/status-text.js';
import { networkModeOf } from './host-config.js';
import { mountsOf } from './mounts.js';
import { networksOf, type NetworkOf } from './networks.js';
import { portList } from './ports.js';

export interface SummaryFacts {
  networkOf: NetworkOf;
  /** folder of the files that skep mounts into the container */
  files: string;
  /** undefined: sizes are not asked for */
  size: ContainerSize | undefined;
  aliasesWithId: boolean;
  /** milliseconds since the epoch */
  now: number;
}

/** One container of GET /containers/json. Pure. */
export function summaryOf(known: KnownContainer, facts: SummaryFacts) {
  const { container, seen } = known;
  const { networkOf, files, size, aliasesWithId, now } = facts;
  const state = runStateOf(known);
  const up = isRunning(state);
  const argv = seen?.argv ?? [...(container.spec.Entrypoint ?? []), ...(container.spec.Cmd ?? [])];
  return {
    Id: container.id,
    Names: [`/${container.name}`],
    Image: container.spec.Image,
    ImageID: seen?.imageId ?? '',
    Command: commandText(argv),
    Created: Math.floor(Date.parse(container.createdAt) / 1000),
    Ports: up && container.networkMode === 'bridged' ? portList(container, networkOf) : [],
    ...(size && { SizeRw: size.writable, SizeRootFs: size.rootFs }),
    Labels: seen?.labels ?? container.spec.Labels ?? {},
    State: state.phase,
    Status: statusText(state, now),
    HostConfig: { NetworkMode: networkModeOf(container, networkOf) },
    NetworkSettings: { Networks: networksOf(container, networkOf, { up, aliasesWithId }) },
    Mounts: mountsOf(container, seen?.mounts ?? [], files),
  };
}

/** Words with spaces stand in quotes, except for the first. */
function commandText([path = '', ...args]: readonly string[]): string {
  return [path, ...args.map((word) => (word.includes(' ') ? `'${word}'` : word))].join(' ');
}
