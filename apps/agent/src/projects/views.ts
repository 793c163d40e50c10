import type { ContainerView } from '#lib/contracts';
import type { Container, ContainerStatus, HealthStatus, ObservedContainer } from '#lib/domain';
import type { Store } from '#lib/store';

type State = ContainerView['state'];

/** A container as `ps` shows it. `waiting`: why it is not started yet, when it waits. */
export function containerView(
  container: Container,
  view: Pick<Store, 'get'>,
  seen: ObservedContainer | undefined,
  waiting: string | undefined,
): ContainerView {
  const status = view.get('status', container.id)?.value;
  const state = stateOf(seen, status, waiting);
  const exitCode = status?.exitCode ?? seen?.exitCode ?? 0;
  const health = state === 'running' ? (status?.health ?? 'none') : 'none';
  return {
    id: container.id,
    name: container.name,
    project: container.project ?? '',
    service: container.service ?? '',
    number: container.number ?? 1,
    image: container.spec.Image,
    command: [...(container.spec.Entrypoint ?? []), ...(container.spec.Cmd ?? [])].join(' '),
    state,
    health,
    exitCode,
    restartCount: status?.restartCount ?? 0,
    createdAt: container.createdAt,
    startedAt: seen?.startedAt ?? '',
    status: statusText(state, health, exitCode, seen),
    ports: container.ports,
    networks: container.endpoints.map(({ networkId, ipv4, ipv6, mac, aliases }) => ({
      name: view.get('network', networkId)?.value.name ?? networkId,
      ipv4,
      ipv6,
      mac,
      aliases,
    })),
    error: status?.error ?? waiting,
  };
}

function stateOf(seen: ObservedContainer | undefined, status: ContainerStatus | undefined, waiting?: string): State {
  if (seen?.state === 'running' || seen?.state === 'paused') return seen.state;
  if (status?.finished) return 'exited';
  if (waiting !== undefined) return 'waiting';
  if (status?.restartAt !== undefined) return 'restarting';
  return seen?.state === 'exited' ? 'exited' : 'created';
}

function statusText(state: State, health: HealthStatus, exitCode: number, seen?: ObservedContainer): string {
  switch (state) {
    case 'running': {
      const suffix = health === 'none' ? '' : health === 'starting' ? ' (health: starting)' : ` (${health})`;
      return `Up ${ago(seen?.startedAt)}${suffix}`;
    }
    case 'paused':
      return `Up ${ago(seen?.startedAt)} (Paused)`;
    case 'exited':
      return `Exited (${exitCode})${seen?.finishedAt ? ` ${ago(seen.finishedAt)} ago` : ''}`;
    case 'restarting':
      return `Restarting (${exitCode})`;
    case 'waiting':
      return 'Waiting';
    case 'created':
      return 'Created';
  }
}

const UNITS: [seconds: number, name: string][] = [
  [86_400, 'day'],
  [3600, 'hour'],
  [60, 'minute'],
  [1, 'second'],
];

function ago(time: string | undefined): string {
  const seconds = Math.max(0, Math.floor((Date.now() - Date.parse(time ?? '')) / 1000));
  if (Number.isNaN(seconds) || seconds < 1) return 'Less than a second';
  const [size, name] = UNITS.find(([unit]) => seconds >= unit)!;
  const count = Math.floor(seconds / size);
  return `${count} ${name}${count === 1 ? '' : 's'}`;
}
