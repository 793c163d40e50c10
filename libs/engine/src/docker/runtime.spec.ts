import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const RUNTIME = join(import.meta.dirname, '../../../../bin/skep-runtime');
const NETNS = '/proc/self/ns/net';

/** What a container's author may write anywhere in config.json. */
const HOSTILE = '{"linux":{"sysctl":{"skep.netns":"/evil"},"namespaces":[{"type":"network"}]}} \\" ] } \u0001 ☃';

const config = () => ({
  ociVersion: '1.0.2',
  process: { args: [HOSTILE, 'linux'], env: [`A=${HOSTILE}`], [HOSTILE]: { '"type":"network"': 1 } },
  hooks: {
    prestart: [
      { path: '/usr/bin/gpu', args: ['gpu', HOSTILE] },
      { path: '/proc/1/exe', args: ['libnetwork-setkey', '-exec-root=/x', 'id'] },
      { path: '/bin/bare' },
    ],
    poststop: [{ path: '/p', args: ['libnetwork-setkey'] }],
  },
  annotations: { linux: HOSTILE },
  linux: {
    resources: { memory: { limit: 9223372036854771712n.toString(), swap: -1 }, cpu: null },
    sysctl: { 'net.a': '0', 'skep.netns': NETNS, 'net.b': HOSTILE },
    namespaces: [{ type: 'mount' }, { type: 'network' }, { type: 'ipc', path: '/proc/9/ns/ipc' }],
    maskedPaths: [],
  },
});

type Config = ReturnType<typeof config>;

describe('bin/skep-runtime', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync('/tmp/skrun-');
    mkdirSync(join(folder, 'bin'));
    // Stands for runc: tells its arguments.
    symlinkSync('/bin/echo', join(folder, 'bin/runc'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const file = () => join(folder, 'config.json');
  const log = () => join(folder, 'log.json');
  const start = (...args: string[]) =>
    spawnSync(RUNTIME, args, { cwd: folder, env: { PATH: join(folder, 'bin') }, encoding: 'utf8' });
  const create = (content: unknown, indent?: number) => {
    writeFileSync(file(), typeof content === 'string' ? content : JSON.stringify(content, null, indent));
    return start('--root', '/create', '--log', log(), '--log-format=json', 'create', '--bundle', folder, 'id');
  };

  it.each([undefined, 2])('puts the path in, and changes nothing else (indent %s)', (indent) => {
    expect(create(config(), indent)).toMatchObject({
      status: 0,
      stdout: `--root /create --log ${log()} --log-format=json create --bundle ${folder} id\n`,
    });
    const wanted = config() as unknown as {
      linux: { sysctl: object; namespaces: object[] };
      hooks: { prestart: object[] };
    };
    wanted.linux.sysctl = { 'net.a': '0', 'net.b': HOSTILE };
    wanted.linux.namespaces[1] = { type: 'network', path: NETNS };
    wanted.hooks.prestart.splice(1, 1);
    expect(JSON.parse(readFileSync(file(), 'utf8'))).toEqual(wanted);
  });

  it('copes with a text of a megabyte that is all escapes', () => {
    const large = { ...config(), large: '\\"'.repeat(500_000) };
    expect(create(large).status).toBe(0);
    expect(JSON.parse(readFileSync(file(), 'utf8'))).toMatchObject({ large: large.large });
  });

  it('needs no hooks', () => {
    expect(create({ ...config(), hooks: undefined }).status).toBe(0);
    expect(create({ ...config(), hooks: {} }).status).toBe(0);
    expect(create({ ...config(), hooks: { prestart: null } }).status).toBe(0);
  });

  it.each(['start', 'kill', 'state', 'delete'])('%s is left to runc', (command) => {
    writeFileSync(file(), 'not read');
    expect(start('--log', log(), command, 'create')).toMatchObject({
      status: 0,
      stdout: `--log ${log()} ${command} create\n`,
    });
  });

  it.each<[string, (c: Config) => unknown, string]>([
    ['no mark', (c) => ({ ...c, linux: { ...c.linux, sysctl: {} } }), 'names no network namespace (skep.netns)'],
    ['no sysctls', (c) => ({ ...c, linux: { ...c.linux, sysctl: undefined } }), 'names no network namespace'],
    ['a path away', (c) => withMark(c, '/run/netns/absent'), 'network namespace /run/netns/absent is not there'],
    ['no path', (c) => withMark(c, '/a","x":"'), 'skep.netns is no path of a namespace'],
    ['another namespace', (c) => withNamespace(c, { type: 'network', path: '/x' }), 'asks for no network namespace'],
    ["the node's network", (c) => withNamespace(c, { type: 'cgroup' }), 'asks for no network namespace'],
    ['no linux', (c) => ({ ...c, linux: undefined }), 'has no "linux"'],
    ['half a file', (c) => JSON.stringify(c).slice(0, 700), 'expected at byte'],
    ['nothing', () => '', 'an object expected at byte 0'],
  ])('%s: says so where the engine looks, and starts nothing', (_, change, reason) => {
    const outcome = create(change(config()));
    expect(outcome).toMatchObject({ status: 1, stdout: '' });
    const said = JSON.parse(readFileSync(log(), 'utf8')) as { level: string; msg: string };
    expect(said).toEqual({ level: 'error', msg: outcome.stderr.trim() });
    expect(said.msg).toMatch(/^skep-runtime: /);
    expect(said.msg).toContain(reason);
  });

  it('says when there is no runc', () => {
    rmSync(join(folder, 'bin/runc'));
    const { status, stderr } = start('state', 'id');
    expect([status, stderr]).toEqual([1, expect.stringContaining('runc cannot be started (No such file')]);
  });
});

const withMark = (c: Config, path: string) => ({ ...c, linux: { ...c.linux, sysctl: { 'skep.netns': path } } });
const withNamespace = (c: Config, one: object) => ({ ...c, linux: { ...c.linux, namespaces: [one] } });
