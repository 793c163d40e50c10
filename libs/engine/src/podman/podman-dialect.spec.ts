import { describe, expect, it } from 'vitest';
import { createBody } from '../docker-api/create-body.js';
import type { EngineCreate } from '../engine.js';
import { podmanDialect } from './podman-dialect.js';

function hostConfigOf(HostConfig: Record<string, unknown>, change: Partial<EngineCreate> = {}) {
  const body = createBody(
    {
      name: 'c',
      spec: { Image: 'i', Hostname: 'h', Labels: { a: '1', b: '1' }, HostConfig },
      labels: { b: '2' },
      network: { netnsPath: '/run/netns/n' },
      mounts: [],
      ...change,
    },
    podmanDialect,
  );
  return { ...body, HostConfig: body['HostConfig'] as Record<string, unknown> };
}

describe('a container for Podman', () => {
  it('gets its namespace by path, and nothing of what skep does itself', () => {
    const body = hostConfigOf({
      Memory: 1024,
      NetworkMode: 'bridge',
      RestartPolicy: { Name: 'always' },
      PortBindings: { '80/tcp': [] },
      AutoRemove: true,
    });
    expect(body).toMatchObject({ Image: 'i', Hostname: 'h', Labels: { a: '1', b: '2' } });
    expect(body.HostConfig).toMatchObject({ NetworkMode: 'ns:/run/netns/n', Memory: 1024 });
    for (const key of ['RestartPolicy', 'PortBindings', 'AutoRemove']) expect(body.HostConfig).not.toHaveProperty(key);
  });

  it.each([
    [{ mode: 'host' } as const, 'host', 'h'],
    [{ container: 'abc' }, 'container:abc', undefined],
  ])('%j: no sysctls of its own, and a name where nobody else has given one', (network, mode, name) => {
    const body = hostConfigOf({}, { network }) as Record<string, unknown>;
    expect(body['Hostname']).toBe(name);
    expect(body['HostConfig']).toMatchObject({ NetworkMode: mode, Sysctls: {} });
  });

  it("has Docker's network sysctls, and its own above them", () => {
    const { HostConfig } = hostConfigOf({ Sysctls: { 'net.ipv4.ip_unprivileged_port_start': '80' } });
    expect(HostConfig['Sysctls']).toEqual({
      'net.ipv4.ip_unprivileged_port_start': '80',
      'net.ipv4.ping_group_range': '0 2147483647',
    });
  });

  it('adds mounts to binds', () => {
    const mounts = [{ source: '/a', target: '/b', readOnly: true }];
    expect(hostConfigOf({ Binds: ['v:/v'] }, { mounts }).HostConfig['Binds']).toEqual(['v:/v', '/a:/b:ro']);
    const odd = [{ source: '/a:b', target: '/b', readOnly: true }];
    expect(() => hostConfigOf({}, { mounts: odd })).toThrow('mount /a:b: a path with a colon cannot be mounted');
  });

  it.each<Record<string, unknown>>([
    { Binds: ['/srv/hosts:/etc/hosts:ro'] },
    { Mounts: [{ Type: 'bind', Source: '/srv/hosts', Target: '/etc//hosts' }] },
  ])('leaves the files of names to who has some of their own: %j', (own) => {
    const mounts = [
      { source: '/a', target: '/etc/resolv.conf', readOnly: false },
      { source: '/b', target: '/etc/hosts', readOnly: false },
    ];
    const binds = [...((own['Binds'] ?? []) as string[]), '/a:/etc/resolv.conf:rw'];
    expect(hostConfigOf(own, { mounts }).HostConfig['Binds']).toEqual(binds);
    const secret = { source: '/c', target: '/etc/hosts', readOnly: true };
    expect(hostConfigOf(own, { mounts: [secret] }).HostConfig['Binds']).toContain('/c:/etc/hosts:ro');
  });

  it('keeps nofile and nproc when another limit is given, and gives none by itself', () => {
    expect(hostConfigOf({}).HostConfig['Ulimits']).toEqual([]);
    const { HostConfig } = hostConfigOf({ Ulimits: [{ Name: 'nofile', Soft: 5, Hard: 6 }] });
    const ulimits = HostConfig['Ulimits'] as { Name: string }[];
    expect(ulimits.map((one) => one.Name)).toEqual(['nofile', 'nproc']);
    expect(ulimits[0]).toEqual({ Name: 'nofile', Soft: 5, Hard: 6 });
  });

  it.each([
    [undefined, { Type: 'k8s-file' }],
    [
      { Type: 'json-file', Config: { 'max-size': '1m' } },
      { Type: 'k8s-file', Config: { 'max-size': '1m' } },
    ],
    [{ Type: 'none' }, { Type: 'none' }],
  ])('log %j', (LogConfig, wanted) => {
    expect(hostConfigOf({ LogConfig }).HostConfig['LogConfig']).toEqual(wanted);
  });

  it.each(['syslog', 'journald', 'k8s-file'])('refuses log driver %s, which would not write where it says', (Type) => {
    expect(() => hostConfigOf({ LogConfig: { Type } })).toThrow(`"${Type}": json-file, local and none`);
  });

  it('leaves a volume empty that is not to be filled', () => {
    const volume = { Type: 'volume', Source: 'v', Target: '/b', VolumeOptions: { NoCopy: true } };
    const { HostConfig } = hostConfigOf({
      Binds: ['/a:/a'],
      Mounts: [volume, { ...volume, Target: '/c', ReadOnly: true }],
    });
    expect(HostConfig).toMatchObject({ Mounts: [], Binds: ['/a:/a', 'v:/b:nocopy', 'v:/c:nocopy,ro'] });
  });

  it('has no anonymous volume where something else is mounted', () => {
    const Volumes = { '/data': {}, '/log/': {}, '/cache': {}, '/own': {} };
    const HostConfig = {
      Tmpfs: { '/data/': '' },
      Binds: ['/srv/log:/log'],
      Mounts: [{ Type: 'volume', Source: 'v', Target: '/cache' }],
    };
    expect(hostConfigOf({}, { spec: { Image: 'i', Volumes, HostConfig } })).toHaveProperty('Volumes', { '/own': {} });
    expect(hostConfigOf({})).not.toHaveProperty('Volumes');
  });

  it.each<[Record<string, unknown>, string | undefined]>([
    [{}, undefined],
    [{ CreateMountpoint: true, Propagation: '', NonRecursive: false }, undefined],
    [{ Propagation: 'rslave' }, 'rbind,rslave'],
    [{ NonRecursive: true, Propagation: 'private' }, 'bind,private'],
  ])('mounts what is below a bind, too, unless that is not wanted: %j', (BindOptions, said) => {
    const mount = { Type: 'bind', Source: '/a', Target: '/b', ReadOnly: true };
    const { HostConfig } = hostConfigOf({ Mounts: [{ ...mount, BindOptions }] });
    expect(HostConfig['Mounts']).toEqual(said === undefined ? [mount] : []);
    expect(HostConfig['Binds']).toEqual(said === undefined ? [] : [`/a:/b:${said},ro`]);
    const odd = () => hostConfigOf({ Mounts: [{ ...mount, Source: '/a:b', BindOptions }] });
    if (said === undefined) expect(odd().HostConfig['Mounts']).toEqual([{ ...mount, Source: '/a:b' }]);
    else expect(odd).toThrow('mount /a:b at /b: a path with a colon is mounted without BindOptions only');
  });

  it('refuses to promise that all below a bind is read-only', () => {
    const withOptions = (BindOptions: object) => () =>
      hostConfigOf({ Mounts: [{ Type: 'bind', Source: '/a', Target: '/b', ReadOnly: true, BindOptions }] });
    expect(withOptions({ ReadOnlyForceRecursive: true })).toThrow(
      'mount /a at /b: BindOptions.ReadOnlyForceRecursive: ',
    );
    for (const fine of [{ ReadOnlyForceRecursive: false }, { ReadOnlyNonRecursive: true }]) {
      expect(withOptions(fine)).not.toThrow();
    }
  });

  it('has memory as Docker mounts it, whichever way it is asked for', () => {
    const bind = { Type: 'bind', Source: '/a', Target: '/b' };
    const { HostConfig } = hostConfigOf({
      Tmpfs: { '/plain': '', '/run-there': 'exec,size=1m' },
      Mounts: [bind, { Type: 'tmpfs', Target: '/m', ReadOnly: true, TmpfsOptions: { SizeBytes: 1024, Mode: 0o1700 } }],
    });
    expect(HostConfig['Mounts']).toEqual([bind]);
    expect(HostConfig['Tmpfs']).toEqual({
      '/plain': 'noexec,notmpcopyup',
      '/run-there': 'exec,size=1m,notmpcopyup',
      '/m': 'ro,size=1024,mode=1700,noexec,notmpcopyup',
    });
    expect(hostConfigOf({}).HostConfig).not.toHaveProperty('Tmpfs');
  });
});
