import { expect, it } from 'vitest';
import { isJob } from '../orchestrator/new-task.js';
import { TestCluster } from '../testing/test-cluster.js';
import { parseServiceSpec } from './service-spec.js';

const parsed = (container: object, more: object = {}) =>
  parseServiceSpec(
    { Name: 'web', TaskTemplate: { ContainerSpec: { Image: 'demo', ...container } }, ...more },
    new TestCluster(),
  );

it.each(['Healthcheck', 'HealthCheck'])('takes a health check as %s', (name) => {
  const Test = ['CMD', 'true'];
  const spec = parsed({ [name]: { Test }, Args: ['serve'] });
  expect(spec.TaskTemplate.ContainerSpec).toEqual({ Image: 'demo', Args: ['serve'], Healthcheck: { Test } });
});

it('says which label of traffic is wrong', () => {
  expect(() => parsed({}, { Labels: { 'x-skep.drain': 'soon' } })).toThrow('label x-skep.drain');
});

it('makes up a name for a service without one, and keeps it when the service is changed', () => {
  const made = parsed({}, { Name: undefined });
  expect(made.Name).toMatch(/^[a-z]+_[a-z]+\d+$/);
  const cluster = new TestCluster();
  const changed = parseServiceSpec({ ...made, Name: '' }, cluster, cluster.service('web', { Name: 'chosen' }));
  expect(changed.Name).toBe('chosen');
});

it.each([
  [undefined, { Replicated: { Replicas: 1 } }],
  [null, { Replicated: { Replicas: 1 } }],
  [{ Replicated: {} }, { Replicated: { Replicas: 1 } }],
  [{ Replicated: { Replicas: 0 } }, { Replicated: { Replicas: 0 } }],
  [{ Global: {} }, { Global: {} }],
  [{ ReplicatedJob: {} }, { ReplicatedJob: { MaxConcurrent: 1, TotalCompletions: 1 } }],
  [{ ReplicatedJob: { MaxConcurrent: 3 } }, { ReplicatedJob: { MaxConcurrent: 3, TotalCompletions: 3 } }],
  [{ GlobalJob: {} }, { GlobalJob: {} }],
])('says how many there are to be of %j', (Mode, counted) => {
  expect(parsed({}, { Mode }).Mode).toEqual(counted);
});

it('takes null for what is absent, as Go clients send it', () => {
  const placement = { Constraints: null, Preferences: null, Platforms: null, MaxReplicas: null };
  const none = {
    Labels: null,
    Networks: null,
    UpdateConfig: null,
    EndpointSpec: { Mode: null, Ports: null },
    TaskTemplate: {
      ContainerSpec: { Image: 'demo' },
      Placement: placement,
      Networks: null,
      Resources: { Limits: null, Reservations: null },
      RestartPolicy: null,
    },
  };
  const plain = JSON.parse(JSON.stringify(parsed({}, none))) as object;
  expect(plain).toMatchObject({ EndpointSpec: {}, TaskTemplate: { Placement: {}, Networks: [] } });
  expect(plain).not.toHaveProperty('Labels');
  for (const name of Object.keys(placement)) expect(plain).not.toHaveProperty(`TaskTemplate.Placement.${name}`);
  const mode = parsed({}, { Mode: { Global: {}, Replicated: null, ReplicatedJob: null, GlobalJob: null } }).Mode;
  expect(mode!.ReplicatedJob ?? mode!.GlobalJob).toBeUndefined();
  expect(isJob({ spec: { Name: 'web', TaskTemplate: {}, Mode: mode! } })).toBe(false);
});

it.each([
  ['TaskTemplate.Placement.Preferences.0', { Placement: { Preferences: [null] } }],
  [
    'TaskTemplate.Placement.Preferences.0.Spread.SpreadDescriptor',
    { Placement: { Preferences: [{ Spread: { SpreadDescriptor: 5 } }] } },
  ],
  ['TaskTemplate.Placement.Platforms.0.OS', { Placement: { Platforms: [{ OS: 1 }] } }],
  ['TaskTemplate.Networks.0.Target', { Networks: [{ Target: 5 }] }],
  [
    'TaskTemplate.Networks.0.DriverOpts.skep.ipv4_address',
    { Networks: [{ Target: 'n', DriverOpts: { 'skep.ipv4_address': 5 } }] },
  ],
  ['TaskTemplate.RestartPolicy.MaxAttempts', { RestartPolicy: { MaxAttempts: 'often' } }],
  ['TaskTemplate.RestartPolicy.Delay', { RestartPolicy: { Delay: '5s' } }],
  ['TaskTemplate.Resources.Reservations.NanoCPUs', { Resources: { Reservations: { NanoCPUs: 'one' } } }],
  ['TaskTemplate.RestartPolicy.Condition', { RestartPolicy: { Condition: 'no' } }],
])('refuses what no loop could go by, and says where: %s', (where, template) => {
  const TaskTemplate = { ContainerSpec: { Image: 'demo' }, ...template };
  expect(() => parsed({}, { TaskTemplate })).toThrow(`${where}: `);
});

it.each([
  ['FailureAction', 'roll-back'],
  ['Order', 'start_first'],
  ['MaxFailureRatio', 25],
  ['Delay', -1],
])('refuses %s %j of an update and of a rollback', (field, value) => {
  for (const config of ['UpdateConfig', 'RollbackConfig']) {
    expect(() => parsed({}, { [config]: { [field]: value } })).toThrow(`${config}.${field}: `);
  }
});

const secret = (SecretName: string, target?: string) => ({
  SecretID: 's',
  SecretName,
  ...(target !== undefined && { File: { Name: target, UID: '0', GID: '0', Mode: 0o444 } }),
});
const config = (ConfigName: string, target?: string) => {
  const { SecretID: ConfigID, SecretName: _name, ...file } = secret('', target);
  return { ConfigID, ConfigName, ...file };
};
const holding = (container: object) => {
  const cluster = new TestCluster();
  const object = { id: 's', createdAt: '', updatedAt: '', spec: { Name: 'any', Data: 'eA==' } };
  cluster.put('secret', object);
  cluster.put('config', object);
  return parseServiceSpec({ Name: 'web', TaskTemplate: { ContainerSpec: { Image: 'demo', ...container } } }, cluster);
};

it.each([
  [
    'secrets',
    { Secrets: [secret('a', 'key'), secret('b', 'key')] },
    "secret references 'a' and 'b' have a conflicting target: 'key'",
  ],
  [
    'configs',
    { Configs: [config('a', '/conf'), config('b', '/conf')] },
    "config references 'a' and 'b' have a conflicting target: '/conf'",
  ],
  [
    'mounts',
    {
      Mounts: [
        { Type: 'volume', Source: 'v', Target: '/x' },
        { Type: 'tmpfs', Target: '/x' },
      ],
    },
    'ContainerSpec: duplicate mount point: /x',
  ],
  ['a secret without a name', { Secrets: [secret('', 'key')] }, 'malformed secret reference'],
  ['a secret without a file', { Secrets: [secret('a')] }, 'malformed secret reference, no target provided'],
  ['a config without a file', { Configs: [config('a')] }, 'malformed config reference, no target provided'],
  [
    'a secret without a file name',
    { Secrets: [secret('a', '')] },
    'malformed file secret reference, invalid target file name provided',
  ],
])('refuses what has no place of its own in the container: %s', (_what, container, message) => {
  expect(() => holding(container)).toThrow(`rpc error: code = InvalidArgument desc = ${message}`);
});

it('takes a secret and a config of one name, and one secret at two places', () => {
  const uses = { Secrets: [secret('a', 'key'), secret('a', 'other')], Configs: [config('a', 'key')] };
  expect(holding(uses).TaskTemplate.ContainerSpec).toMatchObject(uses);
});

const KNOWN = '{{.Node.Platform.OS}} {{.Service.Labels.tier}} {{index .Service.Labels "a.b"}}';
const volumeOf = (options: object) => ({ Mounts: [{ Type: 'volume', Target: '/x', VolumeOptions: options }] });

it.each([
  ['Env', (text: string) => ({ Env: ['A=1', `B=${text}`] })],
  ['Hostname', (text: string) => ({ Hostname: text })],
  ['Mounts', (text: string) => ({ Mounts: [{ Type: 'bind', Source: text, Target: '/x' }] })],
  ['Mounts', (text: string) => ({ Mounts: [{ Type: 'volume', Target: `/${text}` }] })],
  ['Mounts', (text: string) => volumeOf({ Labels: { a: text } })],
  ['Mounts', (text: string) => volumeOf({ DriverConfig: { Options: { a: text } } })],
])('refuses by name what cannot be filled in: %s', (field, container) => {
  const labelled = { Labels: { tier: 'front' } };
  expect(parsed(container(KNOWN), labelled).TaskTemplate.ContainerSpec).toMatchObject(container(KNOWN));
  for (const text of ['{{.Node.Colour}}', '{{.Service.Labels.rank}}', '{{.Task.ID']) {
    expect(() => parsed(container(text), labelled)).toThrow(`ContainerSpec.${field}: ${text} cannot be filled in`);
  }
});

it('leaves what a command says alone', () => {
  const container = { Command: ['{{.Anything}}'], Args: ['{{'] };
  expect(parsed(container).TaskTemplate.ContainerSpec).toMatchObject(container);
});
