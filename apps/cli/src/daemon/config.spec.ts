import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Given, parseConfigFile, readConfigFile, resolveConfig } from './config.js';

const FILE = '/etc/skep/daemon.json';
const fromFile = (given: Given) => resolveConfig({}, { name: FILE, given });

describe('daemon.json', () => {
  it('has defaults for everything', () => {
    expect(fromFile({})).toEqual({
      dataRoot: '/var/lib/skep',
      execRoot: '/run/skep',
      encryptedOverlayPort: 4799,
      hosts: ['unix:///run/skep/docker.sock'],
      managerSocket: '/run/skep/manager.sock',
      resolverSocket: '/run/skep/resolver.sock',
      resolverState: '/run/skep/resolver-state.json',
      dns: [],
      dnsSearch: [],
      dnsOptions: [],
      insecureRegistries: [],
      labels: [],
      logLevel: 'info',
      engine: 'podman',
    });
  });

  it('moves what lies in the exec root with it', () => {
    expect(fromFile({ 'exec-root': '/run/n2' })).toMatchObject({
      hosts: ['unix:///run/n2/docker.sock'],
      managerSocket: '/run/n2/manager.sock',
      resolverSocket: '/run/n2/resolver.sock',
      resolverState: '/run/n2/resolver-state.json',
    });
  });

  it('takes every key', () => {
    const given = {
      hosts: ['unix:///a.sock', 'unix:///b.sock'],
      'data-root': '/d',
      'fixed-cidr': '172.20.0.0/16',
      'fixed-cidr-v6': 'fd00::/64',
      bridge: 'none',
      'default-address-pools': [{ base: '172.24.0.0/16', size: 24 }],
      dns: ['1.1.1.1', '::1'],
      'dns-search': ['example.org'],
      'dns-opts': ['ndots:0'],
      'insecure-registries': ['reg:5000'],
      labels: ['disk=ssd', 'note=a=b c', 'empty='],
      debug: true,
      'nat-prefix': '172.16.0.0/12',
      engine: 'podman',
    };
    expect(fromFile(given)).toMatchObject({
      hosts: given.hosts,
      dataRoot: '/d',
      fixedCidr: '172.20.0.0/16',
      fixedCidrV6: 'fd00::/64',
      bridge: 'none',
      defaultAddressPools: [{ base: '172.24.0.0/16', size: 24 }],
      dns: ['1.1.1.1', '::1'],
      dnsSearch: ['example.org'],
      dnsOptions: ['ndots:0'],
      insecureRegistries: ['reg:5000'],
      labels: ['disk=ssd', 'note=a=b c', 'empty='],
      logLevel: 'debug',
      natPrefix: '172.16.0.0/12',
    });
  });

  it.each<[string, unknown, string]>([
    ['dns', '1.1.1.1', '"dns": must be an array (list), found "1.1.1.1"'],
    ['dns', ['1.1.1.1', '1.2.3'], '"dns"[1]: must be an IPv4 or IPv6 address, found "1.2.3"'],
    ['labels', ['disk'], '"labels"[0]: must be KEY=VALUE, found "disk"'],
    ['labels', ['=ssd'], '"labels"[0]: must be KEY=VALUE, found "=ssd"'],
    ['labels', ['disk=ssd', 'disk=hdd'], '"labels": has two values for one key'],
    ['data-root', 'var/lib', '"data-root": must be an absolute path, found "var/lib"'],
    ['encrypted-overlay-port', 'abc', '"encrypted-overlay-port": must be a number, found "abc"'],
    ['debug', 'yes', '"debug": must be a boolean, found "yes"'],
    ['fixed-cidr', 'fd00::/64', '"fixed-cidr": must be an IPv4 prefix such as'],
    ['bridge', 'br0', '"bridge": must be "none", or be left out, found "br0"'],
    ['log-level', 'loud', '"log-level": must be one of debug, info, warn, error, fatal, found "loud"'],
    ['engine', 'containerd', '"engine": must be podman or docker, found "containerd"'],
    ['engine-socket', '/var/run/docker.sock', '"engine-socket": must be unix:///path/to.sock'],
    ['engine-socket', 'unix:///var/run/docker.sock', 'engine-socket: is for Docker Engine'],
    ['hosts', ['/run/x.sock'], '"hosts"[0]: must be unix:///path/to.sock, or tcp://IP:PORT with certificates'],
    ['hosts', ['tcp://node1:2376'], '"hosts"[0]: must be'],
    ['hosts', ['tcp://10.0.0.1'], '"hosts"[0]: must be'],
    ['hosts', ['tcp://10.0.0.1:70000'], '"hosts"[0]: must be'],
    ['hosts', ['tcp://[10.0.0.1:2376'], '"hosts"[0]: must be'],
    ['default-address-pools', [{ base: '10.0.0.0/16', size: 8 }], '"default-address-pools"[0]["size"]: size must be'],
    ['default-address-pools', [{ base: '10.0.0.0/16' }], '"default-address-pools"[0]["size"]: must be'],
    ['exec-root', `/run/${'x'.repeat(100)}`, 'bytes are too long for a socket'],
  ])('refuses %s = %j', (key, value, message) => {
    expect(() => fromFile({ [key]: value })).toThrow(message);
  });

  const outside = { 'nat-prefix': '172.16.0.0/12', 'default-address-pools': [{ base: '10.99.0.0/16', size: 24 }] };
  it.each<[Given, string]>([
    [
      { 'nat-prefix': '172.16.0.0/12', 'fixed-cidr': '192.168.1.0/24' },
      'fixed-cidr: 192.168.1.0/24 is not part of nat-prefix 172.16.0.0/12',
    ],
    [outside, 'default-address-pools: none of 10.99.0.0/16 is part of nat-prefix 172.16.0.0/12'],
    [{ 'fixed-cidr': '172.30.0.5/24' }, 'fixed-cidr: 172.30.0.5/24 has host bits set: it should be 172.30.0.0/24'],
    [{ 'fixed-cidr-v6': 'fd00::5/64' }, 'fixed-cidr-v6: fd00::5/64 has host bits set: it should be fd00::/64'],
    [{ 'nat-prefix': '172.16.0.1/12' }, 'nat-prefix: 172.16.0.1/12 has host bits set'],
    [
      { 'default-address-pools': [{ base: '10.0.0.1/8', size: 24 }] },
      'default-address-pools: 10.0.0.1/8 has host bits',
    ],
  ])('refuses prefixes by which no network could be made: %j', (given, message) => {
    expect(() => fromFile(given)).toThrow(message);
  });

  it('takes pools of which some are in the nat-prefix, and those of IPv6', () => {
    const more = ['172.20.0.0/16', 'fd00::/48'].map((base) => ({ base, size: 64 - (base.includes(':') ? 0 : 40) }));
    const pools = [...outside['default-address-pools'], ...more];
    expect(fromFile({ ...outside, 'default-address-pools': pools }).defaultAddressPools).toEqual(pools);
  });

  it('refuses an unknown key with the closest known one', () => {
    expect(() => parseConfigFile('{"data-rot": "/x"}', FILE)).toThrow(
      '/etc/skep/daemon.json: unknown key "data-rot"; did you mean "data-root"?',
    );
    expect(() => parseConfigFile('{"storage-driver": "x"}', FILE)).toThrow(
      /unknown key "storage-driver"; known: data-root/,
    );
    expect(() => parseConfigFile('[]', FILE)).toThrow(/must be a JSON object/);
    expect(() => parseConfigFile('{', FILE)).toThrow(/is not JSON/);
  });

  const certificates = { tlscacert: '/tls/ca.pem', tlscert: '/tls/cert.pem', tlskey: '/tls/key.pem' };

  it.each(['tcp://0.0.0.0:2376', 'tcp://[::1]:2376'])('listens on %s with certificates on both sides', (host) => {
    expect(fromFile({ hosts: [host], ...certificates, tlsverify: true })).toMatchObject({
      hosts: [host],
      tls: { ca: '/tls/ca.pem', cert: '/tls/cert.pem', key: '/tls/key.pem' },
    });
  });

  it.each<[Given, string]>([
    [{}, 'missing: tlscacert, tlscert, tlskey, tlsverify: true'],
    [certificates, 'missing: tlsverify: true'],
    [{ ...certificates, tlsverify: false }, 'missing: tlsverify: true'],
    [{ tlscacert: '/ca', tlscert: '/cert', tlsverify: true }, 'missing: tlskey'],
  ])('refuses TCP with %j and says why', (given, missing) => {
    const hosts = ['unix:///a.sock', 'tcp://127.0.0.1:2375'];
    expect(() => fromFile({ hosts, ...given })).toThrow(
      `hosts: tcp://127.0.0.1:2375: whoever reaches it would be root on this node, so it needs certificates on both ` +
        `sides; ${missing} (or use unix:///path/to.sock)`,
    );
  });

  it('takes Docker Engine for its engine', () => {
    const docker = { engine: 'docker', engineSocket: 'unix:///var/run/docker.sock' };
    expect(fromFile({ engine: 'docker' })).toMatchObject(docker);
    const socket = 'unix:///run/other.sock';
    expect(fromFile({ engine: 'docker', 'engine-socket': socket })).toMatchObject({ ...docker, engineSocket: socket });
    expect(() => fromFile({ engine: 'docker', 'engine-socket': socket, hosts: [socket] })).toThrow(
      'engine-socket: unix:///run/other.sock is where skep itself is to listen',
    );
    expect(() => fromFile({ engine: 'docker', 'insecure-registries': ['reg:5000'] })).toThrow(
      'insecure-registries: Docker Engine pulls by its own daemon.json; set them there',
    );
  });

  it('refuses two keys that contradict each other', () => {
    expect(() => fromFile({ debug: true, 'log-level': 'warn' })).toThrow(/"log-level" and .*"debug" contradict/);
    expect(fromFile({ debug: true, 'log-level': 'debug' }).logLevel).toBe('debug');
  });

  it('takes "debug": false for what holds without it', () => {
    expect(fromFile({ debug: false }).logLevel).toBe('info');
    expect(fromFile({ debug: false, 'log-level': 'warn' }).logLevel).toBe('warn');
    const file = { name: FILE, given: { debug: true } };
    expect(() => resolveConfig({ debug: false }, file)).toThrow('debug (flag: false, file: true)');
  });

  it('may be absent only where nobody named it', () => {
    const directory = mkdtempSync(join(tmpdir(), 'skep-config-'));
    try {
      const file = join(directory, 'daemon.json');
      expect(() => readConfigFile(file)).toThrow(`${file}: cannot be read`);
      writeFileSync(file, '{"dns": ["9.9.9.9"]}');
      expect(readConfigFile(file)).toEqual({ dns: ['9.9.9.9'] });
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});

describe('flags', () => {
  it('add to the file', () => {
    const config = resolveConfig({ dns: ['1.1.1.1'] }, { name: FILE, given: { 'data-root': '/d' } });
    expect(config).toMatchObject({ dns: ['1.1.1.1'], dataRoot: '/d' });
  });

  it('are refused where they contradict the file, and accepted where they agree', () => {
    const file = { name: FILE, given: { 'data-root': '/d', dns: ['1.1.1.1'] } };
    expect(() => resolveConfig({ 'data-root': '/e', dns: ['9.9.9.9'] }, file)).toThrow(
      'data-root (flag: "/e", file: "/d"), dns (flag: ["9.9.9.9"], file: ["1.1.1.1"]); keep one of the two',
    );
    expect(resolveConfig({ 'data-root': '/d' }, file).dataRoot).toBe('/d');
  });

  it('are named in their errors', () => {
    expect(() => resolveConfig({ 'insecure-registries': ['a b'] }, { name: FILE, given: {} })).toThrow(
      '--insecure-registry[0]: must be one word, found "a b"',
    );
  });
});
