import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import Docker from 'dockerode';
import { afterEach, describe, expect, it } from 'vitest';
import { waitFor } from '#lib/common';
import type { EngineSpec } from '#lib/domain';
import type { EngineCreate, LogOptions } from '../engine.js';
import { linesOf, type LogLine } from '../logs/lines.js';
import { usePodman } from '../testing/use-podman.js';

describe('containers on Podman', () => {
  const made: string[] = [];
  const podman = usePodman();
  afterEach(async () => {
    // Podman refuses to remove a container whose network another one shares, so the last made goes first.
    for (const id of made.splice(0).toReversed()) await podman.engine.remove(id);
  });

  const run = async (spec: Partial<EngineSpec>, change: Partial<EngineCreate> = {}) => {
    const id = await podman.engine.create({
      name: `c${made.length}`,
      spec: { Image: podman.scratch.image, Cmd: ['sleep', '1000'], ...spec },
      labels: {},
      network: podman.scratch.network,
      mounts: [],
      ...change,
    });
    made.push(id);
    await podman.engine.start(id);
    return id;
  };
  const withHost = (HostConfig: Record<string, unknown>) => run({ HostConfig });
  const out = async (id: string, ...argv: string[]) =>
    (await podman.engine.exec(id, argv, { timeoutMs: 10_000 })).output.trim();
  const logs = async (id: string, options: Partial<LogOptions> = {}) => {
    const all: LogLine[] = [];
    for await (const line of linesOf(await podman.engine.logs(id, { follow: true, ...options }))) all.push(line);
    return all.map(({ stream, line }) => ({ stream, line }));
  };
  const cgroupFile = async (id: string, controller: string, file: string) => {
    const { pid } = await podman.engine.inspect(id);
    const lines = readFileSync(`/proc/${pid}/cgroup`, 'utf8').split('\n');
    const own = lines.find((line) => line.split(':')[1]?.split(',').includes(controller));
    const v2 = lines.find((line) => line.startsWith('0::'))!;
    const path = own ? join(controller, own.split(':')[2]!) : v2.slice(3);
    return readFileSync(join('/sys/fs/cgroup', path, file), 'utf8').trim();
  };

  it('run in the namespace that was prepared', async () => {
    const id = await run({ Hostname: 'web', Domainname: 'example.org' });
    const { pid } = await podman.engine.inspect(id);
    const inode = (path: string) => execFileSync('stat', ['-L', '-c', '%i', path], { encoding: 'utf8' });
    expect(inode(`/proc/${pid}/ns/net`)).toBe(inode(podman.scratch.network.netnsPath));
    expect(await out(id, 'hostname')).toBe('web');
    expect(await out(id, 'cat', '/proc/sys/net/ipv4/ip_unprivileged_port_start')).toBe('0');
  });

  it('take sysctls of the namespace', async () => {
    const id = await withHost({ Sysctls: { 'net.ipv4.ip_forward': '1', 'kernel.msgmax': '65000' } });
    expect(await out(id, 'cat', '/proc/sys/net/ipv4/ip_forward', '/proc/sys/kernel/msgmax')).toBe('1\n65000');
  });

  it('are limited where the kernel counts', async () => {
    const id = await withHost({ Memory: 64 * 2 ** 20, NanoCpus: 5e8, PidsLimit: 50 });
    const v2 = execFileSync('stat', ['-f', '-c', '%T', '/sys/fs/cgroup'], { encoding: 'utf8' }).startsWith('cgroup2');
    expect(await cgroupFile(id, 'memory', v2 ? 'memory.max' : 'memory.limit_in_bytes')).toBe('67108864');
    expect(await cgroupFile(id, 'cpu', v2 ? 'cpu.max' : 'cpu.cfs_quota_us')).toMatch(/^50000\b/);
    expect(await cgroupFile(id, 'pids', 'pids.max')).toBe('50');
  });

  it("have no limit of processes by default, and Docker's capabilities", async () => {
    const id = await run({});
    expect(await cgroupFile(id, 'pids', 'pids.max')).toBe('max');
    const effective = async (other: string) => /CapEff:\s+(\S+)/.exec(await out(other, 'cat', '/proc/1/status'))?.[1];
    expect(await effective(id)).toBe('00000000a80425fb');
    const changed = await withHost({ CapDrop: ['ALL'], CapAdd: ['NET_ADMIN'] });
    expect(await effective(changed)).toBe('0000000000001000');
  });

  it('have the file systems that were asked for', async () => {
    const hosts = join(podman.scratch.root, 'hosts');
    writeFileSync(hosts, '10.0.0.9 db\n');
    const missing = join(podman.scratch.root, 'made-for-the-bind');
    const id = await run(
      {
        HostConfig: {
          ReadonlyRootfs: true,
          Tmpfs: { '/scratch': 'size=1m' },
          ShmSize: 2 ** 20,
          Binds: [`${missing}:/made`],
          Mounts: [{ Type: 'volume', Source: 'vol', Target: '/vol' }],
        },
      },
      {
        mounts: [
          { source: hosts, target: '/etc/hosts', readOnly: true },
          { source: hosts, target: '/etc/resolv.conf', readOnly: true },
        ],
      },
    );
    expect(await out(id, 'cat', '/etc/hosts', '/etc/resolv.conf')).toBe('10.0.0.9 db\n10.0.0.9 db');
    const touched = await out(id, 'sh', '-c', 'touch /x /etc/hosts; touch /scratch/a /made/b /vol/c && echo fine');
    for (const line of ['touch: /x: Read-only file system', 'touch: /etc/hosts: Read-only file system', 'fine']) {
      expect(touched.split('\n')).toContain(line);
    }
    const mounts = await out(id, 'cat', '/proc/mounts');
    expect(mounts).toMatch(/ \/scratch tmpfs \S*size=1024k/);
    expect(mounts).toMatch(/ \/dev\/shm tmpfs \S*size=1024k/);
  });

  it('have memory where their image wants a volume', async () => {
    const id = await run({ Volumes: { '/etc': {} }, HostConfig: { Tmpfs: { '/etc': '' } } });
    expect(await out(id, 'cat', '/proc/mounts')).toMatch(/ \/etc tmpfs \S*noexec/);
  });

  it('have empty memory, whatever their image has there', async () => {
    // Podman itself puts a link /etc/mtab into every image.
    const id = await withHost({ Tmpfs: { '/etc': '' } });
    expect((await out(id, 'ls', '/etc')).split(/\s+/)).not.toContain('mtab');
  });

  it('see what is mounted below a bind, and hear of it where that is asked for', async () => {
    const parent = join(podman.scratch.root, 'parent');
    mkdirSync(parent);
    execFileSync('mount', ['-t', 'tmpfs', 'parent', parent]);
    try {
      execFileSync('mount', ['--make-shared', parent]);
      mkdirSync(join(parent, 'below'));
      execFileSync('mount', ['-t', 'tmpfs', 'below', join(parent, 'below')]);
      writeFileSync(join(parent, 'below/seen'), '');
      const bind = (Target: string, BindOptions: object) => ({ Type: 'bind', Source: parent, Target, BindOptions });
      const id = await withHost({
        Mounts: [bind('/all', { Propagation: 'rslave' }), bind('/plain', {}), bind('/one', { NonRecursive: true })],
      });
      expect(await out(id, 'ls', '/all/below', '/plain/below')).toBe('/all/below:\nseen\n\n/plain/below:\nseen');
      expect(await out(id, 'ls', '/one/below')).toBe('');
      expect(await out(id, 'cat', '/proc/self/mountinfo')).toMatch(/ \/all\/below \S+ master:/);
    } finally {
      execFileSync('umount', ['-R', '-l', parent]);
    }
  });

  it('take limits for files without raising others', async () => {
    const id = await withHost({ Ulimits: [{ Name: 'nofile', Soft: 512, Hard: 1024 }] });
    expect(await out(id, 'cat', '/proc/1/limits')).toMatch(/Max open files +512 +1024/);
  });

  it('have the seccomp profile of the machine, which lets those with capabilities do more', async () => {
    const unshared = ['busybox', 'unshare', '-u', 'busybox', 'hostname'];
    const plain = await withHost({});
    expect(await out(plain, 'cat', '/proc/1/status')).toMatch(/^Seccomp:\s+2$/m);
    expect(await out(plain, ...unshared)).toContain('Operation not permitted');
    const able = await withHost({ CapAdd: ['SYS_ADMIN'] });
    expect(await out(able, 'cat', '/proc/1/status')).toMatch(/^Seccomp:\s+2$/m);
    expect(await out(able, ...unshared)).toMatch(/^\w+$/);
  });

  it('may be privileged and have devices', async () => {
    const device = { PathOnHost: '/dev/net/tun', PathInContainer: '/dev/tunnel', CgroupPermissions: 'rwm' };
    const id = await withHost({ Devices: [device] });
    expect(await out(id, 'ls', '/dev/tunnel')).toBe('/dev/tunnel');
    const privileged = await withHost({ Privileged: true });
    expect(await out(privileged, 'ls', '/dev/net/tun')).toBe('/dev/net/tun');
  });

  it('share the network of another container', async () => {
    const first = await run({ Hostname: 'first' });
    const second = await run({ Hostname: 'ignored' }, { network: { container: first } });
    const inode = (id: string) => out(id, 'sh', '-c', 'ls -lL /proc/self/ns/net | cat; ls -l /proc/self/ns/net');
    const link = async (id: string) => /net:\[\d+\]/.exec(await inode(id))?.[0];
    expect(await link(second)).toBe(await link(first));
  });

  it('remove their anonymous volumes and keep named ones', async () => {
    const id = await withHost({
      Mounts: [
        { Type: 'volume', Target: '/anonymous' },
        { Type: 'volume', Source: 'kept', Target: '/kept' },
      ],
    });
    const volumes = () =>
      execFileSync('ls', [join(podman.scratch.dataRoot, 'volumes')], { encoding: 'utf8' })
        .trim()
        .split('\n');
    const anonymous = () => volumes().filter((name) => /^[0-9a-f]{64}$/.test(name));
    expect(anonymous()).toHaveLength(1);
    await podman.engine.remove(id);
    expect(volumes()).toContain('kept');
    expect(anonymous()).toEqual([]);
  });

  it('write logs in both streams, in long and unfinished lines', async () => {
    const long = 'seq -s , 1 9000; echo err >&2; printf un; printf finished';
    const all = await logs(await run({ Cmd: ['sh', '-c', long] }));
    const stdout = all.filter((line) => line.stream === 'stdout').map((line) => line.line);
    expect(stdout).toEqual([Array.from({ length: 9000 }, (_, i) => i + 1).join(','), 'unfinished']);
    expect(all.filter((line) => line.stream === 'stderr')).toEqual([{ stream: 'stderr', line: 'err' }]);
  });

  it('write logs to a terminal', async () => {
    const id = await run({ Cmd: ['sh', '-c', 'echo one; echo two >&2'], Tty: true });
    expect(await logs(id)).toEqual([
      { stream: 'stdout', line: 'one' },
      { stream: 'stdout', line: 'two' },
    ]);
    expect((await logs(id, { follow: false })).map((line) => line.line)).toEqual(['one', 'two']);
  });

  it('are followed into each new log file that a limit of its size asks for', async () => {
    const script = 'i=0; while [ $i -lt 600 ]; do echo $i; i=$((i+1)); [ $((i % 20)) = 0 ] && sleep 0.05; done; exit 0';
    const config = { Type: 'json-file', Config: { 'max-size': '5k' } };
    const id = await run({ Cmd: ['sh', '-c', script], HostConfig: { LogConfig: config } });
    expect((await logs(id)).map(({ line }) => line)).toEqual(Array.from({ length: 600 }, (_, n) => String(n)));
    const kept = await logs(id, { follow: false });
    expect(kept.length).toBeLessThan(120);
    expect(kept.at(-1)?.line).toBe('599');
  });

  it('are kept in as many files as asked for, also where a new one begins while nobody follows', async () => {
    const script = 'i=0; while [ $i -lt 600 ]; do echo $i; i=$((i+1)); [ $((i % 20)) = 0 ] && sleep 0.05; done; exit 0';
    const config = { Type: 'json-file', Config: { 'max-size': '5k', 'max-file': '4' } };
    const id = await run({ Cmd: ['sh', '-c', script], HostConfig: { LogConfig: config } });
    await podman.engine.inspect(id);
    await waitFor(async () => (await podman.engine.inspect(id)).state === 'exited', {
      ms: 20_000,
      every: 100,
      what: 'its end',
    });
    const kept = (await logs(id, { follow: false })).map(({ line }) => Number(line));
    // 5,000 bytes are somewhat more than 100 such lines.
    expect(kept.length).toBeGreaterThan(300);
    expect(kept).toEqual(Array.from({ length: kept.length }, (_, n) => 600 - kept.length + n));
    const last = (await logs(id, { follow: false, tail: 250 })).map(({ line }) => Number(line));
    expect(last).toEqual(kept.slice(-250));
  });

  it('give the last lines first and then what follows', async () => {
    const id = await run({ Cmd: ['sh', '-c', 'echo a; echo b; sleep 1; echo c'] });
    await waitFor(async () => (await logs(id, { follow: false })).length >= 2, { ms: 5_000, what: 'two lines' });
    expect((await logs(id, { tail: 1 })).map((line) => line.line)).toEqual(['b', 'c']);
  });

  it('end commands that take too long, with their children', async () => {
    const id = await run({});
    const argv = ['sh', '-c', 'sleep 4242 & sleep 4343'];
    await expect(podman.engine.exec(id, argv, { timeoutMs: 300 })).rejects.toMatchObject({ code: 'timeout' });
    await waitFor(async () => !/4242|4343/.test(await out(id, 'ps')), { ms: 5_000, what: 'the end of the children' });
    expect((await podman.engine.inspect(id)).state).toBe('running');
  });

  it('tell how a command ended, also who asks seconds later', async () => {
    const container = new Docker({ socketPath: podman.engine.socketPath }).getContainer(await run({}));
    const exec = await container.exec({ Cmd: ['sh', '-c', 'exit 7'], AttachStdout: true });
    const output = await exec.start({ hijack: true });
    output.resume();
    await once(output, 'end');
    await setTimeout(3_500);
    expect(await exec.inspect()).toMatchObject({ Running: false, ExitCode: 7 });
  });

  it('say clearly what cannot be started', async () => {
    await expect(run({ Cmd: ['/no/such'] })).rejects.toMatchObject({
      code: 'invalid',
      message: expect.stringMatching(/^failed to create task for container: .*\/no\/such/),
    });
    const lost = { network: { netnsPath: '/run/netns/skep-absent' } };
    await expect(run({}, lost)).rejects.toThrow(/skep-absent/);
    await expect(run({ User: 'nobody-here' })).rejects.toThrow(/nobody-here/);
  });

  it('need an init program where they ask for one', async () => {
    const start = withHost({ Init: true });
    await start.then(
      async (id) => expect(await out(id, 'cat', '/proc/1/cmdline')).toMatch(/init|catatonit/),
      (error: Error) =>
        expect(error).toMatchObject({ code: 'unsupported', message: expect.stringMatching(/catatonit/) }),
    );
  });

  it('are ended by a kill while they are given time to stop', async () => {
    const id = await run({ Cmd: ['sh', '-c', 'trap "echo heard" TERM; echo set; while :; do sleep 0.1; done'] });
    const said = (what: string) =>
      waitFor(async () => (await logs(id, { follow: false })).at(-1)?.line === what, { ms: 10_000, what });
    await said('set');
    const stopped = podman.engine.stop(id, 600);
    await said('heard');
    await podman.engine.kill(id, '9');
    await stopped;
    expect(await podman.engine.inspect(id)).toMatchObject({ state: 'exited', exitCode: 137 });
  });

  it('fifty of them are listed in one request', async () => {
    mkdirSync(join(podman.scratch.root, 'x'), { recursive: true });
    const request = (index: number): EngineCreate => ({
      name: `many-${index}`,
      spec: { Image: podman.scratch.image, Cmd: ['true'] },
      labels: { many: 'yes' },
      network: podman.scratch.network,
      mounts: [],
    });
    for (let index = 0; index < 50; index++) made.push(await podman.engine.create(request(index)));
    expect(await podman.engine.list('many=yes')).toHaveLength(50);
    const began = performance.now();
    expect(await podman.engine.list('many=yes')).toHaveLength(50);
    process.stderr.write(`50 containers listed again in ${(performance.now() - began).toFixed(1)} ms\n`);
  });
});
