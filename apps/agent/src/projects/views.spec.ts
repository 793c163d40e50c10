import { describe, expect, it } from 'vitest';
import { freshStatus, type Container, type ContainerStatus, type ObservedContainer } from '#lib/domain';
import { runStateOf } from '../containers/run-state.js';
import { statusText } from '../containers/status-text.js';
import type { Store } from '#lib/store';
import { containerView } from './views.js';

const NOW = Date.parse('2026-01-01T00:10:00Z');
const container = {
  id: 'c',
  target: 'running',
  spec: { Image: 'demo' },
  endpoints: [],
  ports: [],
} as unknown as Container;
const run = { startedAt: '2026-01-01T00:05:00Z', finishedAt: '', exitCode: 0, pid: 7 };
const over = { ...run, finishedAt: '2026-01-01T00:09:55Z', exitCode: 3, pid: 0 };

type Seen = Pick<ObservedContainer, 'state'> & Partial<ObservedContainer>;
const known = (seen: Seen | undefined, status: Partial<ContainerStatus> = {}) => ({
  container,
  seen: seen as ObservedContainer | undefined,
  status: { ...freshStatus(container), ...status },
});
const viewOf = (of: ReturnType<typeof known>, waiting?: string, networks: Record<string, object> = {}) => {
  const get = (_kind: string, id: string) => networks[id] && { version: 1, value: networks[id] };
  return containerView(of, { get } as unknown as Store, waiting, NOW);
};

describe('a container of a project', () => {
  it.each<[string, string, Seen | undefined, Partial<ContainerStatus>]>([
    ['created', 'Created', undefined, {}],
    ['created', 'Created', { state: 'created' }, { finished: true, error: 'no such command', exitCode: 127 }],
    ['running', 'Up 5 minutes (healthy)', { state: 'running', ...run }, { health: 'healthy' }],
    ['running', 'Up 5 minutes', { state: 'other', ...run, pid: 0 }, {}],
    ['paused', 'Up 5 minutes (Paused)', { state: 'paused', ...run }, {}],
    ['restarting', 'Restarting (3) 5 seconds ago', { state: 'exited', ...over }, { restartAt: NOW, exitCode: 3 }],
    ['restarting', 'Restarting (3) 5 seconds ago', { state: 'exited', ...over }, { restartCount: 1 }],
    ['exited', 'Exited (3) 5 seconds ago', { state: 'exited', ...over }, { finished: true, exitCode: 3 }],
  ])('is %s (%s), as it is to Docker clients', (state, status, seen, noted) => {
    const of = known(seen, noted);
    expect(viewOf(of)).toMatchObject({ state, status, exitCode: runStateOf(of).exitCode });
    expect(statusText(runStateOf(of), NOW)).toBe(status);
  });

  it('shows its ports where they answer, and none while it is not up', () => {
    const ports = [
      { hostIp: '', hostPort: 8080, containerPort: 80, protocol: 'tcp' },
      { hostIp: '127.0.0.1', hostPort: 8081, containerPort: 81, protocol: 'tcp' },
    ];
    const pools = [
      { subnet: '172.31.0.0/16', gateway: '172.31.0.1' },
      { subnet: 'fd00::/64', gateway: 'fd00::1' },
    ];
    const networks = {
      n: { name: 'n', driver: 'nat', pools },
      inner: { name: 'inner', driver: 'nat', pools, internal: true },
      lan: { name: 'lan', driver: 'transparent', pools },
    };
    const addressesOf = (endpoint: object | object[], state: 'running' | 'exited') => {
      const endpoints = [endpoint].flat();
      const of = {
        ...known({ state, ...(state === 'running' ? run : over) }, { finished: state === 'exited' }),
        container: { ...container, networkMode: 'bridged', ports, endpoints } as unknown as Container,
      };
      return viewOf(of, undefined, networks).ports.map(({ hostIp, hostPort }) => `${hostIp} ${hostPort}`);
    };
    const v4 = { networkId: 'n', ipv4: '172.31.0.2', gwPriority: 0 };
    expect(addressesOf(v4, 'running')).toEqual(['0.0.0.0 8080', '127.0.0.1 8081']);
    expect(addressesOf({ ...v4, ipv6: 'fd00::2' }, 'running')).toEqual(['0.0.0.0 8080', ':: 8080', '127.0.0.1 8081']);
    expect(addressesOf([v4, { networkId: 'inner', ipv6: 'fd00::3' }], 'running')).toEqual(addressesOf(v4, 'running'));
    expect(addressesOf({ ...v4, networkId: 'lan' }, 'running')).toEqual([]);
    expect(addressesOf(v4, 'exited')).toEqual([]);
  });

  it('waits, where it has no process and is not over', () => {
    const why = 'waiting for db to be healthy';
    const waits = { state: 'waiting', status: 'Waiting', error: why, health: 'none' };
    expect(viewOf(known(undefined), why)).toMatchObject(waits);
    expect(viewOf(known({ state: 'exited', ...over }, { restartAt: NOW }), why)).toMatchObject(waits);
    expect(viewOf(known({ state: 'running', ...run }), why)).toMatchObject({
      state: 'running',
      status: 'Up 5 minutes',
    });
    expect(viewOf(known({ state: 'exited', ...over }, { finished: true }), why).state).toBe('exited');
  });
});
