import { describe, expect, it } from 'vitest';
import { daemonConfig, type Membership } from '#lib/contracts';
import { engineInfo } from './engine-info.js';
import { systemInfo } from './system-info.js';

const facts = {
  nodeId: 'f'.repeat(64),
  version: '9.9',
  config: daemonConfig({ dataRoot: '/d', labels: ['disk=ssd'], insecureRegistries: ['reg:5000', '10.0.0.0/8'] }),
  engine: engineInfo.parse({
    Images: 3,
    Driver: 'overlay',
    DriverStatus: null,
    DefaultRuntime: 'runc',
    Runtimes: { runc: { path: '/usr/bin/runc' }, kata: { path: '/usr/bin/kata' } },
    Swarm: { LocalNodeState: 'active' },
    ServerVersion: 'the engine',
    Architecture: 'amd64',
  }),
  states: ['running', 'running', 'paused', 'exited', 'created', undefined] as const,
  drivers: ['nat'],
  listeners: 2,
  warnings: ['w'],
  membership: undefined,
  architecture: 'x86_64',
  now: '2026-01-01T00:00:00Z',
};

describe('GET /info', () => {
  it('counts the containers of the node, those that the engine lost among the stopped', () => {
    expect(systemInfo(facts)).toMatchObject({
      Containers: 6,
      ContainersRunning: 2,
      ContainersPaused: 1,
      ContainersStopped: 3,
    });
  });

  it("tells of the node where the engine's own view is not the node's", () => {
    expect(systemInfo(facts)).toMatchObject({
      ServerVersion: '9.9',
      DockerRootDir: '/d',
      Labels: ['disk=ssd'],
      Images: 3,
      Architecture: 'x86_64',
      DriverStatus: [],
      Runtimes: { runc: { path: '/usr/bin/runc' } },
      Swarm: { LocalNodeState: 'inactive' },
      Plugins: { Volume: ['local'], Network: ['nat'] },
      Warnings: ['w'],
    });
    const membership = { role: 'manager', nodeId: 'n', managers: ['m'] } as unknown as Membership;
    expect(systemInfo({ ...facts, membership, clusterError: 'the manager is away' })).toMatchObject({
      Swarm: { LocalNodeState: 'active', Error: 'the manager is away', Nodes: 1 },
    });
    expect(systemInfo(facts).Runtimes).not.toHaveProperty('kata');
  });

  it('tells insecure registries apart from networks of them', () => {
    const { RegistryConfig: registries } = systemInfo(facts);
    expect(registries.InsecureRegistryCIDRs).toEqual(['::1/128', '127.0.0.0/8', '10.0.0.0/8']);
    expect(registries.IndexConfigs).toMatchObject({
      'docker.io': { Secure: true, Official: true },
      'reg:5000': { Secure: false, Official: false },
    });
  });
});
