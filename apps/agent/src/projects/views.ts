import type { ContainerView } from '#lib/contracts';
import type { ContainerStatus } from '#lib/domain';
import type { Store } from '#lib/store';
import type { KnownContainer } from '../containers/container-directory.js';
import { shownPorts } from '../containers/published-ports.js';
import { isRunning, runStateOf, type RunState } from '../containers/run-state.js';
import { statusText } from '../containers/status-text.js';

type State = ContainerView['state'];

/**
 * A container as `ps` shows it.
 * @param waiting why it is not started yet, when it waits
 * @param now milliseconds since the epoch
 */
export function containerView(
  known: KnownContainer,
  view: Pick<Store, 'get'>,
  waiting: string | undefined,
  now: number,
): ContainerView {
  const { container, status } = known;
  const run = runStateOf(known);
  const state = stateOf(run, status, waiting);
  return {
    id: container.id,
    name: container.name,
    project: container.project ?? '',
    service: container.service ?? '',
    number: container.number ?? 1,
    image: container.spec.Image,
    command: [...(container.spec.Entrypoint ?? []), ...(container.spec.Cmd ?? [])].join(' '),
    state,
    health: state === 'running' ? run.health : 'none',
    exitCode: run.exitCode,
    restartCount: status.restartCount,
    createdAt: container.createdAt,
    startedAt: run.startedAt,
    status: state === 'waiting' ? 'Waiting' : statusText(run, now),
    ports: shownPorts(container, isRunning(run), (id) => view.get('network', id)?.value),
    networks: container.endpoints.map(({ networkId, network = networkId, ipv4, ipv6, mac, aliases }) => ({
      name: view.get('network', networkId)?.value.name ?? network,
      ipv4,
      ipv6,
      mac,
      aliases,
    })),
    error: status.error ?? waiting,
  };
}

/** What the plan waits with is told of in the place of what the container was before. */
function stateOf({ phase }: RunState, { finished }: ContainerStatus, waiting: string | undefined): State {
  const over = phase === 'running' || phase === 'paused' || finished;
  return waiting !== undefined && !over ? 'waiting' : phase;
}
