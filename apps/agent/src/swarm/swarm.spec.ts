import { describe, expect, it } from 'vitest';
import {
  containerIdOf,
  type Container,
  type ContainerStatus,
  type ObservedContainer,
  type ObservedLink,
  type Task,
} from '#lib/domain';
import { addressAndPort, hostOf, localAddress, onlyAdvertisable } from './addresses.js';
import { containerOf, obstacleOf, drainUntil, type TaskFacts } from './task-container.js';
import { taskStatusOf } from './task-report.js';

const link = (name: string, ...addresses: string[]): ObservedLink => ({
  index: 1,
  name,
  kind: '',
  up: true,
  mac: '',
  mtu: 1500,
  addresses,
});
const dual = [link('eth0', '10.0.0.5/24', '2001:db8::5/64', 'fe80::1/64')];
const links = [link('lo', '127.0.0.1/8'), link('eth0', '10.0.0.5/24', 'fe80::1/64'), link('sk12b1', '172.31.0.1/20')];

describe('addresses', () => {
  it.each([
    ['', '10.0.0.5:2377'],
    ['10.0.0.9', '10.0.0.9:2377'],
    ['10.0.0.9:4000', '10.0.0.9:4000'],
    ['eth0', '10.0.0.5:2377'],
    ['eth0:4000', '10.0.0.5:4000'],
    ['[fd00::1]:4000', '[fd00::1]:4000'],
    ['fd00::1', '[fd00::1]:2377'],
  ])('%j → %s', (text, expected) => {
    expect(addressAndPort('--advertise-addr', text, links, () => onlyAdvertisable(links, 'sk12'))).toBe(expected);
  });

  it('names what there is where an interface is unknown, and where there is a choice', () => {
    expect(() => addressAndPort('--advertise-addr', 'eth9', links, () => '')).toThrow('there are eth0, sk12b1');
    expect(() => onlyAdvertisable([...links, link('eth1', '10.1.0.5/24')], 'sk12')).toThrow(
      '10.0.0.5 on eth0, 10.1.0.5 on eth1',
    );
  });

  it.each([
    ['that itself, where a link has it', '10.0.0.5', '0.0.0.0', links, '10.0.0.5'],
    ['its only one', '203.0.113.9', '0.0.0.0', links, '10.0.0.5'],
    ['the one that it listens on', '203.0.113.9', '10.1.0.5', [...links, link('eth1', '10.1.0.5/24')], '10.1.0.5'],
    [
      'not known, where there are several',
      '203.0.113.9',
      '0.0.0.0',
      [...links, link('eth1', '10.1.0.5/24')],
      undefined,
    ],
    ['not known, where there is none of its family', '2001:db8::9', '::', links, undefined],
    ['that itself, however it is written', '2001:DB8:0::5', '0.0.0.0', dual, '2001:db8::5'],
    ['its only one of the family', '2001:db8:1::9', '0.0.0.0', dual, '2001:db8::5'],
  ])('of the node, by the announced one: %s', (_, announced, listens, there, expected) => {
    expect(localAddress(announced, listens, there, 'sk12')).toBe(expected);
  });

  it('lose their port', () => {
    expect([hostOf('10.0.0.1:2377'), hostOf('[fd00::1]:2377')]).toEqual(['10.0.0.1', 'fd00::1']);
  });
});

const task = (over: Partial<Task> = {}): Task => ({
  id: 't1',
  createdAt: '',
  updatedAt: '',
  serviceId: 's1',
  serviceName: 'web',
  slot: 2,
  nodeId: 'n1',
  spec: { ContainerSpec: { Image: 'demo', Env: ['SLOT={{.Task.Slot}}'], Args: ['serve'] } },
  specVersion: 1,
  desired: 'running',
  status: { state: 'assigned', at: '', message: '' },
  attachments: [],
  ports: [],
  ...over,
});
const facts: TaskFacts = {
  fallback: undefined,
  lease: () => {
    throw new Error('nothing to lease');
  },
  freePort: () => 50_000,
  file: (_kind, id) => (id === 'known' ? Buffer.from('content') : undefined),
  seal: (content) => `sealed ${content}`,
  node: { hostname: 'box', os: 'linux', architecture: 'x86_64' },
  exists: () => true,
  now: 'now',
};

describe('a task’s container', () => {
  it('has an id, a name and labels that follow from the task, and what Docker fills in', () => {
    const container = containerOf(task(), facts);
    expect(container.id).toBe(containerIdOf('t1'));
    expect(container).toMatchObject({ name: 'web.2.t1', service: 'web', target: 'running', restart: { name: 'no' } });
    expect(container.spec).toMatchObject({ Cmd: ['serve'], Env: ['SLOT=2'] });
    expect(container.spec.Labels).toMatchObject({ 'com.docker.swarm.task.name': 'web.2.t1' });
  });

  it('is as hard to kill, and may have as many privileges, as the service says', () => {
    const hostConfig = (asked: object) =>
      containerOf(task({ spec: { ContainerSpec: { Image: 'demo', ...asked } } }), facts).spec.HostConfig;
    const Privileges = { NoNewPrivileges: true };
    expect(hostConfig({ OomScoreAdj: -500, Privileges })).toEqual({
      OomScoreAdj: -500,
      SecurityOpt: ['no-new-privileges'],
    });
    expect(hostConfig({ Privileges: null })).toEqual({});
  });

  it('has the time to stop that the service says, else Docker’s', () => {
    const grace = (asked: object) =>
      containerOf(task({ spec: { ContainerSpec: { Image: 'demo', ...asked } } }), facts).stopGraceSeconds;
    expect(grace({ StopGracePeriod: 60e9 })).toBe(60);
    expect(grace({ StopGracePeriod: 0 })).toBe(0);
    expect(grace({})).toBe(10);
    expect(grace({ StopGracePeriod: null })).toBe(10);
  });

  it('gets its secrets as files of memory', () => {
    const Secrets = [{ SecretID: 'known', SecretName: 'key', File: { Name: 'key', Mode: 0o400 } }];
    const { files } = containerOf(task({ spec: { ContainerSpec: { Image: 'demo', Secrets } } }), facts);
    expect(files).toEqual([{ target: '/run/secrets/key', content: 'sealed content', mode: 0o400, uid: 0, gid: 0 }]);
  });
});

describe('a service on a network of its nodes', () => {
  const lease = () => ({ networkId: 'nat' }) as ReturnType<TaskFacts['lease']>;
  const on = (Target: string, more: Partial<Task> = {}) =>
    containerOf(task({ spec: { ContainerSpec: { Image: 'demo' }, Networks: [{ Target }] }, ...more }), {
      ...facts,
      fallback: {} as TaskFacts['fallback'],
      lease,
    });

  it.each(['host', 'none'] as const)('has no address of its own: %s', (name) => {
    expect(on(name)).toMatchObject({ networkMode: name, endpoints: [] });
  });

  it('is on the node’s nat where Docker has its bridge', () => {
    expect(on('bridge')).toMatchObject({ networkMode: 'bridged', endpoints: [{ networkId: 'nat', ifName: 'eth0' }] });
    const attachments = [{ networkId: 'ingress', ipv4: '10.0.0.5', aliases: [] }];
    expect(on('bridge', { attachments }).endpoints).toMatchObject([
      { networkId: 'ingress', ifName: 'eth0' },
      { networkId: 'nat', ifName: 'eth1' },
    ]);
  });
});

describe('the links of a task', () => {
  const IFNAME = 'com.docker.network.endpoint.ifname';
  const SYSCTLS = 'com.docker.network.endpoint.sysctls';
  const martians = { [SYSCTLS]: 'net.ipv4.conf.IFNAME.log_martians=1' };
  const on = (...options: (Record<string, string> | undefined)[]) =>
    task({
      attachments: options.map((_, index) => ({ networkId: `n${index}`, ipv4: `10.0.${index}.5`, aliases: [] })),
      // The other way round, and one that the task has no address on yet.
      spec: {
        ContainerSpec: { Image: 'demo' },
        Networks: [
          { Target: 'elsewhere', DriverOpts: { [IFNAME]: 'no' } },
          ...options.map((DriverOpts, index) => ({ Target: `n${index}`, ...(DriverOpts && { DriverOpts }) })).reverse(),
        ],
      },
    });

  it('are as the service asks for them on each network, without what it asks the cluster for', () => {
    const asked = on(undefined, { ...martians, colour: 'red', 'skep.ipv4_address': '10.0.1.5' });
    expect(obstacleOf(asked, facts)).toBeUndefined();
    const [plain, second] = containerOf(asked, facts).endpoints;
    expect(plain).not.toHaveProperty('driverOptions');
    expect(second).toMatchObject({
      networkId: 'n1',
      ifName: 'eth1',
      sysctls: { 'ipv4/conf/IFNAME/log_martians': '1' },
    });
    expect(second!.driverOptions).toEqual({ ...martians, colour: 'red' });
  });

  it('have the names that they are given, and the others what is free', () => {
    const names = (...options: (Record<string, string> | undefined)[]) =>
      containerOf(on(...options), facts).endpoints.map(({ ifName }) => ifName);
    expect(names(undefined, undefined)).toEqual(['eth0', 'eth1']);
    expect(names({ [IFNAME]: 'lan0' }, undefined)).toEqual(['lan0', 'eth0']);
    expect(names(undefined, { [IFNAME]: 'eth0' })).toEqual(['eth1', 'eth0']);
  });

  it.each([
    ['a sysctl of another link', on({ [SYSCTLS]: 'net.ipv4.conf.eth0.log_martians=1' }), 'expected net.FAMILY.conf'],
    ['no name of a link', on({ [IFNAME]: 'a b' }), 'invalid interface name "a b"'],
    ['one name twice', on({ [IFNAME]: 'lan0' }, { [IFNAME]: 'lan0' }), 'ask for an interface lan0'],
  ])('or the task is rejected: %s', (_what, asked, why) => {
    expect(obstacleOf(asked, facts)).toContain(why);
    expect(containerOf(asked, facts).endpoints[0]).toMatchObject({ networkId: 'n0', ifName: 'eth0' });
  });

  it('or the task is rejected: a sysctl that the kernel does not have', () => {
    expect(obstacleOf(on(martians), { ...facts, exists: () => false })).toContain('this kernel does not have it');
  });
});

describe('placeholders', () => {
  it('are filled in where Docker fills them in, and others stay', () => {
    const ContainerSpec = {
      Image: 'demo',
      Env: ['A={{.Node.Hostname}}/{{ .Service.Name }}', 'B={{.Nothing}}'],
      Hostname: '{{.Task.Name}}',
      Mounts: [{ Type: 'volume', Source: 'data-{{.Task.Slot}}', Target: '/data/{{.Node.ID}}' }],
    };
    const { spec } = containerOf(task({ spec: { ContainerSpec } }), facts);
    expect(spec).toMatchObject({
      Env: ['A=box/web', 'B={{.Nothing}}'],
      Hostname: 'web.2.t1',
      HostConfig: { Mounts: [{ Type: 'volume', Source: 'data-2', Target: '/data/n1' }] },
    });
  });
});

describe('the slot of a global service’s task', () => {
  it('is its node, as in its name', () => {
    const { name, spec } = containerOf(task({ slot: 0 }), facts);
    expect([name, spec.Env]).toEqual(['web.n1.t1', ['SLOT=n1']]);
  });
});

describe('credentials for the image of a task', () => {
  it('are in its container only sealed, and where there are none it has none', () => {
    expect(containerOf(task({ id: 'known' }), facts).pullAs).toBe('sealed content');
    expect(containerOf(task(), facts)).not.toHaveProperty('pullAs');
  });
});

describe('the image of a task', () => {
  const policyOf = (Image: string) => containerOf(task({ spec: { ContainerSpec: { Image } } }), facts).pullPolicy;
  const digest = `sha256:${'1'.repeat(64)}`;

  it('follows its tag in the registry, where it has no digest', () => {
    expect(['demo', 'reg:5000/team/app:1'].map(policyOf)).toEqual(['newer', 'newer']);
    expect([`demo:1@${digest}`, `reg:5000/app@${digest}`].map(policyOf)).toEqual(['missing', 'missing']);
  });
});

describe('the log of a task', () => {
  const ContainerSpec = { Image: 'demo' };
  const logOf = (LogDriver?: Task['spec']['LogDriver']) =>
    containerOf(task({ spec: { ContainerSpec, LogDriver } }), facts).spec.HostConfig?.['LogConfig'];

  it('has the driver and the options that are asked for, also options alone', () => {
    expect(logOf({ Name: 'local' })).toEqual({ Type: 'local', Config: {} });
    expect(logOf({ Name: '', Options: { 'max-size': '10m' } })).toEqual({ Type: '', Config: { 'max-size': '10m' } });
    expect([logOf({ Name: '', Options: {} }), logOf({}), logOf()]).toEqual([undefined, undefined, undefined]);
  });
});

describe('a task that leaves', () => {
  const attachments = [{ networkId: 'n', ipv4: '10.0.0.5', aliases: [] }];
  const traffic = { drainMs: 2_000, early: false };
  const leaving = task({ desired: 'shutdown', attachments, traffic });

  it('has its time from the moment when nobody sends it anything new, and waits only so long for that', () => {
    const first = drainUntil(leaving, undefined, 1_000);
    expect(first).toBe(8_000);
    expect(drainUntil({ ...leaving, withdrawn: true }, first, 1_500)).toBe(3_500);
    // The word comes again; and a manager that forgot it does not prolong anything.
    expect(drainUntil({ ...leaving, withdrawn: true }, 3_500, 3_000)).toBe(3_500);
    expect(drainUntil(leaving, 3_500, 3_000)).toBe(3_500);
  });

  it('is not held back where nobody could send it anything, nor while it is to run', () => {
    expect(drainUntil({ ...leaving, attachments: [] }, undefined, 0)).toBeUndefined();
    expect(drainUntil({ ...leaving, desired: 'running' }, undefined, 0)).toBeUndefined();
  });
});

describe('what is said of a task', () => {
  const container = containerOf(task(), facts);
  const checked: Container = {
    ...container,
    healthcheck: { test: ['CMD', 'x'], intervalMs: 1, timeoutMs: 1, retries: 1, startPeriodMs: 0, startIntervalMs: 1 },
  };
  const status = (over: Partial<ContainerStatus>): ContainerStatus => ({
    containerId: container.id,
    health: 'none',
    failingStreak: 0,
    restartCount: 0,
    finished: false,
    ...over,
  });
  const seen = (state: ObservedContainer['state']) => ({ state, pid: 7, exitCode: 0 }) as ObservedContainer;

  it.each([
    ['no container yet', undefined, undefined, undefined, 'accepted'],
    ['the engine has none', container, undefined, undefined, 'preparing'],
    ['made, not started', container, status({}), seen('created'), 'starting'],
    ['runs', container, status({}), seen('running'), 'running'],
    ['runs, not healthy yet', checked, status({ health: 'starting' }), seen('running'), 'starting'],
    ['runs and never was healthy', checked, status({ health: 'unhealthy' }), seen('running'), 'starting'],
    ['runs and is healthy', checked, status({ health: 'healthy' }), seen('running'), 'running'],
    ['ended well', container, status({ finished: true, exitCode: 0 }), seen('exited'), 'complete'],
    ['ended badly', container, status({ finished: true, exitCode: 3 }), seen('exited'), 'failed'],
    ['could not start', container, status({ finished: true, error: 'no such file' }), seen('created'), 'rejected'],
  ] as const)('%s', (_what, of, with_, as, state) => {
    expect(taskStatusOf(task(), of, with_, as, 'now').state).toBe(state);
  });

  it('follows what is asked: one that is to go is shut down when it has ended', () => {
    const leaving = task({ desired: 'shutdown' });
    expect(taskStatusOf(leaving, container, status({}), seen('running'), 'now').state).toBe('running');
    expect(taskStatusOf(leaving, container, status({}), seen('exited'), 'now').state).toBe('shutdown');
    expect(taskStatusOf(leaving, undefined, undefined, undefined, 'now').state).toBe('shutdown');
    const unhealthy = status({ health: 'unhealthy' });
    expect(taskStatusOf(leaving, checked, unhealthy, seen('exited'), 'now').state).toBe('failed');
  });
});
