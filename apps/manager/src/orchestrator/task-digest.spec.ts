import { describe, expect, it } from 'vitest';
import type { Service, ServiceSpec, Task } from '#lib/domain';
import { currentIn, literalTaskDigest, taskDigest } from './task-digest.js';

const spec = (TaskTemplate: object, EndpointSpec?: object) =>
  ({ Name: 'web', TaskTemplate, EndpointSpec }) as unknown as ServiceSpec;
const container = (more: object) => spec({ ContainerSpec: { Image: 'demo', ...more } });

/** As `skep stack deploy` asks for it. */
const asked = spec(
  {
    ContainerSpec: {
      Image: 'demo',
      Labels: { tier: 'front', empty: '' },
      Args: ['sh', '-c', ''],
      Env: [],
      Init: false,
      ReadOnly: false,
      Hosts: ['10.0.0.1 db'],
      Secrets: [{ SecretID: 's', SecretName: 'key', File: { Name: 'key', UID: '0', GID: '0', Mode: 0o444 } }],
      Configs: [],
      Mounts: [
        { Type: 'volume', Target: '/b', Source: 'two', VolumeOptions: { Labels: { a: '' } } },
        { Type: 'volume', Target: '/a', Source: 'one', VolumeOptions: {} },
      ],
      CapabilityAdd: ['SYS_TIME', 'net_admin'],
    },
    Resources: { Limits: {}, Reservations: {} },
    RestartPolicy: { Condition: 'any', Delay: 0, MaxAttempts: 0 },
    Networks: [{ Target: 'n', Aliases: ['web'] }],
    LogDriver: { Name: '', Options: {} },
  },
  { Ports: [{ Protocol: 'tcp', TargetPort: 80, PublishedPort: 8080, PublishMode: 'host' }] },
);

/** The same, as Docker's CLI has read it and sends it back. */
const returned = spec(
  {
    ContainerSpec: {
      Image: 'demo',
      Labels: { empty: '', tier: 'front' },
      Args: ['sh', '-c', ''],
      Init: false,
      Mounts: [
        { Type: 'volume', Source: 'one', Target: '/a', VolumeOptions: {} },
        { Type: 'volume', Source: 'two', Target: '/b', VolumeOptions: { Labels: { a: '' } } },
      ],
      Hosts: ['10.0.0.1 db'],
      Secrets: [{ File: { Name: 'key', UID: '0', GID: '0', Mode: 0o444 }, SecretID: 's', SecretName: 'key' }],
      CapabilityAdd: ['CAP_NET_ADMIN', 'CAP_SYS_TIME'],
    },
    Resources: { Limits: {}, Reservations: {} },
    RestartPolicy: { Condition: 'any', Delay: 0, MaxAttempts: 0 },
    Networks: [{ Target: 'n', Aliases: ['web'] }],
    LogDriver: {},
    ForceUpdate: 0,
  },
  { Ports: [{ Protocol: 'tcp', TargetPort: 80, PublishedPort: 8080, PublishMode: 'host' }] },
);

describe('tasks are told apart', () => {
  it('by what is asked for, and not by how a client writes it', () => {
    expect(taskDigest(returned)).toBe(taskDigest(asked));
    const template = { ContainerSpec: null, Placement: { Constraints: [] }, Networks: [], Runtime: '' };
    expect(taskDigest(spec(template))).toBe(taskDigest(spec({ ForceUpdate: 0 })));
  });

  it.each([
    ['an order of restart', spec({ ForceUpdate: 1 }), spec({})],
    ['no init', container({ Init: false }), container({})],
    ['no delay', spec({ RestartPolicy: { Delay: 0 } }), spec({ RestartPolicy: {} })],
    ['no attempts', spec({ RestartPolicy: { MaxAttempts: 0 } }), spec({ RestartPolicy: {} })],
    ['no grace', container({ StopGracePeriod: 0 }), container({})],
    ['an empty argument', container({ Args: ['a', ''] }), container({ Args: ['a'] })],
    ['the order of arguments', container({ Args: ['a', 'b'] }), container({ Args: ['b', 'a'] })],
    ['an empty label', container({ Labels: { a: '' } }), container({ Labels: {} })],
    ['a read-only root', container({ ReadOnly: true }), container({ ReadOnly: false })],
    ['an own port', spec({}, { Ports: [{ TargetPort: 80, PublishMode: 'host' }] }), spec({})],
  ])('by %s', (_what, one, other) => expect(taskDigest(one)).not.toBe(taskDigest(other)));
});

it('tasks of an older skep, whose digests are of the text, are still what the spec makes', () => {
  const service = { spec: asked, specVersion: 3 } as Service;
  const task = (specDigest: string) => ({ specVersion: 1, specDigest, ports: [] }) as unknown as Task;
  expect(currentIn(service)(task(literalTaskDigest(asked)))).toBe(true);
  expect(currentIn(service)(task(taskDigest(returned)))).toBe(true);
  expect(currentIn(service)(task(literalTaskDigest(returned)))).toBe(false);
});

it('tasks of a job’s earlier run are not what it would make, though they are alike', () => {
  const service = { spec: asked, specVersion: 3, jobIteration: 2 } as Service;
  const of = (jobIteration: number) =>
    currentIn(service)({ specVersion: 3, specDigest: taskDigest(asked), ports: [], jobIteration } as unknown as Task);
  expect([of(1), of(2)]).toEqual([false, true]);
});
