import { expect, it } from 'vitest';
import type { ClusterNode, NodeDescription, TaskSpec } from '#lib/domain';
import { checkCarriedOut } from './carried-out.js';

const check = (ContainerSpec: object, more: object = {}, ...nodes: Partial<NodeDescription>[]) =>
  checkCarriedOut(
    { Name: 'web', TaskTemplate: { ContainerSpec: { Image: 'demo', ...ContainerSpec }, ...more } as TaskSpec },
    nodes.map((description) => ({ description }) as ClusterNode),
  );
const reserving = (GenericResources: unknown) => ({ Resources: { Reservations: { GenericResources } } });
const mounting = (more: object) => ({ Mounts: [{ Type: 'volume', Source: 'v', Target: '/v', ...more }] });

it.each([
  ['Runtime', {}, { Runtime: 'plugin' }],
  ['PluginSpec', {}, { PluginSpec: { Name: 'p' } }],
  ['NetworkAttachmentSpec', {}, { NetworkAttachmentSpec: { ContainerID: 'c' } }],
  ['ContainerSpec.Isolation', { Isolation: 'hyperv' }, {}],
  ['ContainerSpec.Privileges.CredentialSpec', { Privileges: { CredentialSpec: { File: 'spec.json' } } }, {}],
  ['ContainerSpec.Privileges.SELinuxContext', { Privileges: { SELinuxContext: { Disable: true } } }, {}],
  ['ContainerSpec.Privileges.Seccomp', { Privileges: { Seccomp: { Mode: 'unconfined' } } }, {}],
  ['ContainerSpec.Privileges.Seccomp', { Privileges: { Seccomp: { Mode: 'default', Profile: 'e30=' } } }, {}],
  ['ContainerSpec.Privileges.AppArmor', { Privileges: { AppArmor: { Mode: 'disabled' } } }, {}],
  ['ContainerSpec.Configs.0.Runtime', { Configs: [{ ConfigID: 'c', ConfigName: 'c', Runtime: {} }] }, {}],
  ['ContainerSpec.Mounts.0.Type: "cluster"', mounting({ Type: 'cluster' }), {}],
  ['ContainerSpec.Mounts.0.VolumeOptions.Subpath', mounting({ VolumeOptions: { Subpath: 'a' } }), {}],
  ['Resources.Reservations.GenericResources', {}, reserving([{ DiscreteResourceSpec: { Kind: 'GPU', Value: 1 } }])],
  ['Resources.SwapBytes', {}, { Resources: { SwapBytes: 0 } }],
  ['LogDriver.Name: "syslog"', {}, { LogDriver: { Name: 'syslog' } }],
  ['Resources.MemorySwappiness', {}, { Resources: { MemorySwappiness: 60 } }],
])('refuses what no node does, by its name: %s', (field, container, more) => {
  const message = expect.stringContaining(`TaskTemplate.${field}: `) as string;
  expect(() => check(container, more)).toThrow(expect.objectContaining({ code: 'unsupported', message }));
});

it.each([
  ['nothing', {}, {}],
  ['Docker’s defaults', { Isolation: 'default', Privileges: { Seccomp: { Mode: 'default' }, AppArmor: null } }, {}],
  ['empty privileges', { Privileges: { CredentialSpec: null, SELinuxContext: { Disable: false, Level: '' } } }, {}],
  ['the kind that tasks have', {}, { Runtime: 'container' }],
  ['lists of nothing', { Mounts: null, Configs: [] }, reserving([])],
  ['no generic resources', {}, reserving(null)],
  [
    'a config that is a file',
    { Configs: [{ ConfigID: 'c', ConfigName: 'c', File: { Name: '/c' }, Runtime: null }] },
    {},
  ],
  ['options of the log without a driver', {}, { LogDriver: { Name: '', Options: { 'max-size': '10m' } } }],
  ['a log driver that every node has', {}, { LogDriver: { Name: 'local' } }],
  ['no log driver', {}, { LogDriver: { Name: null, Options: null } }],
  ['what is done', { OomScoreAdj: -500, Privileges: { NoNewPrivileges: true }, ...mounting({}) }, {}],
])('takes %s', (_, container, more) => {
  expect(() => check(container, more)).not.toThrow();
});

it('takes any log driver where the engine of some node may have it', () => {
  expect(() => check({}, { LogDriver: { Name: 'syslog' } }, {}, { moreLogDrivers: true })).not.toThrow();
});

it('says what is wrong with what it takes', () => {
  expect(() => check({ OomScoreAdj: 1001 })).toThrow('range for oom score adj is [-1000, 1000]');
  expect(() => check({ Mounts: [{ Type: 'volume' }] })).toThrow('ContainerSpec.Mounts.0.Target');
});
