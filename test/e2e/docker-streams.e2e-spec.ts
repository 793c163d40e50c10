import { once } from 'node:events';
import {
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { request, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitFor } from '#lib/common';
import { following } from './harness/following.js';
import { DEMO_IMAGE } from './harness/image.js';
import { ENGINE } from './harness/node.js';
import { whilePaused } from './harness/paused.js';
import type { RunOptions } from './harness/process.js';
import { useWorld } from './harness/world.js';

/** 20.10 has one code for every command that it cannot start, and its followers miss a last line without an end. */
const OLD_DOCKER = ENGINE === 'docker';

describe('what the docker CLI reads and writes', () => {
  const world = useWorld();
  const folder = mkdtempSync(join(tmpdir(), 'skep-cp-'));
  const docker = (args: string, options?: RunOptions) => world.node.docker(args.split(' '), options);
  const sh = (before: string[], script: string, options?: RunOptions) =>
    world.node.docker([...before, 'sh', '-c', script], options);

  beforeAll(() => world.node.mustDocker(['run', '--detach', '--name', 'long', DEMO_IMAGE, 'sleep', '1000']));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('run: output and errors apart, input to its end, the exit code', async () => {
    const script = 'cat; echo out; echo err >&2; exit 7';
    const ran = await sh(['run', '--rm', '--interactive', DEMO_IMAGE], script, { input: 'in\n' });
    expect(ran).toEqual({ code: 7, stdout: 'in\nout\n', stderr: 'err\n' });
  });

  it('run: megabytes both ways, whatever is faster', async () => {
    const input = 'line of text\n'.repeat(200_000);
    const { code, stdout } = await docker(`run --rm --interactive ${DEMO_IMAGE} cat`, { input });
    expect(code).toBe(0);
    expect(stdout.length).toBe(input.length);
  });

  it('start: a stopped container runs again, attached', async () => {
    await sh(['create', '--interactive', '--name', 'again', DEMO_IMAGE], 'read x; echo got $x; exit 3');
    // Each time while the engine tidies up after the run before.
    const words = Array.from({ length: 8 }, (_, n) => `word${n}`);
    for (const word of words) {
      const started = await docker('start --attach --interactive again', { input: `${word}\n` });
      expect(started).toMatchObject({ code: 3, stdout: `got ${word}\n` });
    }
    expect((await docker('logs again')).stdout).toBe(words.map((word) => `got ${word}\n`).join(''));
  });

  it('attach: several at once see the same, until the end', async () => {
    const script = 'until [ -e /go ]; do echo wait; sleep 0.1; done; echo here; exit 5';
    await sh(['run', '--detach', '--name', 'seen', DEMO_IMAGE], script);
    const attached = [1, 2, 3].map(() => following(world.node, ['attach', '--no-stdin', 'seen']));
    for (const { begun } of attached) await begun;
    await docker('exec seen touch /go');
    for (const { stdout, code } of attached) {
      expect(await stdout).toMatch(/^(wait\n)+here\n$/);
      expect(await code).toBe(5);
    }
  });

  it.each<[string, string[], { code: number; stdout?: string; stderr?: string | RegExp }]>([
    [
      'its exit code',
      ['exec', 'long', 'sh', '-c', 'echo o; echo e >&2; exit 4'],
      { code: 4, stdout: 'o\n', stderr: 'e\n' },
    ],
    [
      'environment and folder',
      ['exec', '-e', 'A=b', '-w', '/etc', 'long', 'sh', '-c', 'echo $A; pwd'],
      { code: 0, stdout: 'b\n/etc\n' },
    ],
    [
      'a command that is not there',
      ['exec', 'long', 'nope'],
      { code: OLD_DOCKER ? 126 : 127, stdout: /OCI runtime exec failed.*"nope"/ as never },
    ],
    ['a file that is no command', ['exec', 'long', '/etc/passwd'], { code: 126 }],
    [
      'a user who is not there',
      ['exec', '--user', 'nobody-here', 'long', 'id'],
      { code: 126, stdout: /^unable to find user nobody-here: no matching entries in passwd file/ as never },
    ],
    ['a container that is not there', ['exec', 'nobody', 'id'], { code: 1, stderr: /No such container: nobody/ }],
  ])('exec: %s', async (_what, args, expected) => {
    const { stderr, stdout, code } = expected;
    const ran = await world.node.docker(args);
    expect(ran.code).toBe(code);
    if (stdout !== undefined)
      expect(ran.stdout).toEqual(typeof stdout === 'string' ? stdout : expect.stringMatching(stdout));
    if (stderr !== undefined)
      expect(ran.stderr).toEqual(typeof stderr === 'string' ? stderr : expect.stringMatching(stderr));
  });

  it('exec: that a detached command runs is said at once', async () => {
    const made = await world.node.api('POST', '/containers/long/exec', { Cmd: ['sleep', '1000'] });
    const { Id } = JSON.parse(made) as { Id: string };
    await world.node.api('POST', `/exec/${Id}/start`, { Detach: true });
    const asked = Date.now();
    for (let n = 0; n < 5; n++) expect(await world.node.json(`/exec/${Id}/json`)).toMatchObject({ Running: true });
    expect(Date.now() - asked).toBeLessThan(1_500);
  });

  it('exec: detached; in a container that is paused; in one that is stopped', async () => {
    expect(await sh(['exec', '--detach', 'long'], 'sleep 0.2; echo done >/tmp/done')).toMatchObject({ code: 0 });
    const done = () => docker('exec long cat /tmp/done');
    await waitFor(async () => (await done()).stdout === 'done\n', {
      ms: 10_000,
      every: 100,
      what: 'a detached command',
    });
    await whilePaused(world.node, 'long', async () => {
      expect((await docker('exec long id')).stderr).toMatch(/Container [0-9a-f]{64} is paused, unpause the container/);
    });
    expect((await docker('exec again id')).stderr).toMatch(/container [0-9a-f]{64} is not running/);
  });

  it('logs: streams apart, the last lines, since, until, times; following to the end', async () => {
    const script = 'for i in 1 2 3; do echo o$i; echo e$i >&2; sleep 1; done';
    await sh(['run', '--detach', '--name', 'said', DEMO_IMAGE], script);
    const followed = await docker('logs --follow said');
    expect(followed).toMatchObject({ code: 0, stdout: 'o1\no2\no3\n', stderr: 'e1\ne2\ne3\n' });
    expect(await docker('logs --tail 2 said')).toMatchObject({ stdout: 'o3\n', stderr: 'e3\n' });
    const { stdout } = await docker('logs --timestamps said');
    const times = stdout
      .trim()
      .split('\n')
      .map((line) => line.split(' ')[0]!);
    expect(times.every((time) => /^\d{4}-\d\d-\d\dT[\d:]{8}\.\d{9}Z$/.test(time))).toBe(true);
    expect(stdout).toBe(times.map((time, n) => `${time} o${n + 1}\n`).join(''));
    expect((await docker(`logs --since ${times[1]} --until ${times[1]} said`)).stdout).toBe('o2\n');
    expect((await docker(`logs --until ${times[0]!.replace(/^....-/, '2001-')} said`)).stdout).toBe('');
    await docker('start --attach said');
    expect((await docker('logs said')).stdout).toBe('o1\no2\no3\no1\no2\no3\n');
  });

  it('logs: lines in parts, the last of them while it goes on, and details', async () => {
    const script =
      'printf par; sleep 0.1; echo tial; printf "\\0\\377\\n"; until [ -e /go ]; do sleep 0.1; done; echo more; printf end';
    const options = '--log-opt max-size=1m --log-opt labels=tier --log-opt env=A --label tier=web -e A=b';
    await sh(['run', '--detach', '--name', 'parts', ...options.split(' '), DEMO_IMAGE], script);
    const history = () => docker('logs parts');
    await waitFor(async () => (await history()).stdout.split('\n').length === 3, {
      ms: 10_000,
      every: 100,
      what: 'two lines',
    });
    expect((await docker('logs --tail 2 parts')).stdout).toMatch(/^partial\n/);
    const follower = following(world.node, ['logs', '--follow', '--tail', '1', 'parts']);
    await follower.begun;
    await sh(['exec', 'parts'], 'echo >/go');
    expect(await follower.stdout).toMatch(OLD_DOCKER ? /^\0[^a-z]+\nmore\n/ : /^\0[^a-z]+\nmore\nend$/);
    expect((await docker('logs --details --tail 1 parts')).stdout).toBe('A=b,tier=web end');
    expect((await docker('logs --details --tail 2 said')).stdout).toBe(' o3\n');
    const [time] = (await docker('logs --timestamps --details --tail 1 parts')).stdout.split(' ');
    expect((await docker('logs --timestamps --details --tail 1 parts')).stdout).toBe(`${time} A=b,tier=web end`);
  });

  it('logs: as many files as asked for, as one; options that are not there', async () => {
    const limits = ['--log-opt', 'max-size=5k', '--log-opt', 'max-file=4'];
    const script = 'i=0; while [ $i -lt 600 ]; do echo $i; i=$((i+1)); [ $((i % 20)) = 0 ] && sleep 0.05; done; exit 0';
    await sh(['run', '--name', 'full', ...limits, DEMO_IMAGE], script);
    const numbers = async (args: string) => (await docker(args)).stdout.trim().split('\n').map(Number);
    const kept = await numbers('logs full');
    // One file has about 100 lines, and with Docker Engine 66.
    expect(kept.length).toBeGreaterThan(150);
    expect(kept.length).toBeLessThan(600);
    expect(kept).toEqual(Array.from({ length: kept.length }, (_, n) => 600 - kept.length + n));
    expect(await numbers('logs --tail 150 full')).toEqual(kept.slice(-150));
    await world.node.mustDocker(['rm', 'full']);
    expect((await docker(`run --rm --log-opt nope=1 ${DEMO_IMAGE} true`)).stderr).toContain(
      "unknown log opt 'nope' for json-file log driver",
    );
  });

  it('cp: both ways, folders and links, also while it is stopped', async () => {
    const at = (name: string) => join(folder, name);
    writeFileSync(at('file'), 'content');
    symlinkSync('file', at('link'));
    await docker('stop --time 0 long');
    await world.node.mustDocker(['cp', folder, 'long:/tmp/copied']);
    await docker('start long');
    const listed = await sh(['exec', 'long'], 'cat /tmp/copied/file; readlink /tmp/copied/link');
    expect(listed.stdout).toBe('contentfile\n');
    await world.node.mustDocker(['cp', '--follow-link', 'long:/tmp/copied/link', at('back')]);
    expect(readFileSync(at('back'), 'utf8')).toBe('content');
    const missing = await docker(`cp long:/nope ${at('none')}`);
    expect(missing).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Could not find the file /nope') as string,
    });
    expect((await docker('diff long')).stdout).toContain('A /tmp/copied/file');
    expect((await docker('export long')).stdout.length).toBeGreaterThan(100_000);
  });

  it('cp: what is in a directory, to where it is to be made; owners', async () => {
    const at = (name: string) => join(folder, name);
    const cp = (...args: string[]) => world.node.mustDocker(['cp', ...args]);
    const bash = (script: string) => sh(['exec', 'long'], script).then(({ stdout }) => stdout);
    mkdirSync(at('tree/sub'), { recursive: true });
    writeFileSync(at('tree/sub/deep'), 'deep');
    chownSync(at('tree/sub/deep'), 1000, 1001);
    await cp(`${at('tree')}/.`, 'long:/made');
    await cp('--archive', at('tree/sub/deep'), 'long:/tmp/kept');
    expect(await bash('cat /made/sub/deep; stat -c " %u:%g" /tmp/kept')).toBe('deep 1000:1001\n');
    await bash('mkdir /empty');
    for (const [from, to] of [
      ['/made/.', 'new'],
      ['/empty/.', 'nothing'],
      ['/made', 'whole'],
    ] as const) {
      await cp(`long:${from}`, at(to));
    }
    expect(readdirSync(at('new'), { recursive: true }).sort()).toEqual(['sub', 'sub/deep']);
    expect(readdirSync(at('nothing'))).toEqual([]);
    expect(readFileSync(at('whole/sub/deep'), 'utf8')).toBe('deep');
    expect((await docker(`cp ${at('tree/sub/deep')} long:/nowhere/x`)).stderr).toMatch(
      /Could not find the file \/nowhere/,
    );
  });

  it('events: all that is asked of a container, what is killed in the end, and what ran out of memory', async () => {
    const began = String(Date.now() / 1000);
    const wait = 'trap "" TERM; while :; do sleep 0.1; done';
    await sh(['run', '--detach', '--name', 'told', '--volume', 'told:/v', DEMO_IMAGE], wait);
    const command = ['exec', 'told'];
    await docker('exec told true');
    await sh(command, 'exit 3');
    await docker('exec told nope');
    await docker('top told');
    await world.node.mustDocker(['cp', join(folder, 'file'), 'told:/tmp']);
    await world.node.mustDocker(['cp', 'told:/tmp/file', join(folder, 'told')]);
    await world.node.mustDocker(['export', '--output', join(folder, 'told.tar'), 'told']);
    await docker('stop --time 1 told');
    const told = async (name: string) => {
      const range = ['--since', began, '--until', String(Date.now() / 1000)];
      const format = '{{.Type}} {{.Action}}|{{.Actor.Attributes.exitCode}}|{{.Actor.Attributes.signal}}';
      const ofThis = ['--filter', 'type=container', '--filter', `container=${name}`];
      const { stdout } = await world.node.docker(['events', ...range, ...ofThis, '--format', format]);
      return stdout.replaceAll('<no value>', '').replaceAll('container ', '').trim().split('\n');
    };
    const expected = [
      'create||',
      'start||',
      'exec_create: true ||',
      'exec_start: true ||',
      'exec_die|0|',
      'exec_create: sh -c exit 3||',
      'exec_start: sh -c exit 3||',
      'exec_die|3|',
      'exec_create: nope ||',
      'exec_start: nope ||',
      'top||',
      'extract-to-dir||',
      'archive-path||',
      'export||',
      'kill||15',
      'kill||9',
      'die|137|',
      'stop||',
    ];
    // The end of a command is noticed a moment after its output has ended.
    const inOrder = (all: string[]) => [...all].toSorted((a, b) => (a < b ? -1 : 1));
    await waitFor(async () => (await told('told')).length >= expected.length, {
      ms: 10_000,
      every: 200,
      what: 'events',
    });
    const events = await told('told');
    expect(inOrder(events)).toEqual(inOrder(expected));
    const lasting = (all: string[]) => all.filter((event) => !event.startsWith('exec_die'));
    expect(lasting(events)).toEqual(lasting(expected));

    const greed = 'x=$(yes | head -c 90000000)';
    // Docker Engine hears in any order that a process ended and why: there the first process outlives the one that is killed.
    const outliving = `sh -c '${greed}'; until [ -e /go ]; do sleep 0.1; done; exit 7`;
    const ran = sh(['run', '--name', 'hungry', '--memory', '20m', DEMO_IMAGE], OLD_DOCKER ? outliving : greed);
    if (OLD_DOCKER) {
      const killed = async () => (await told('hungry')).includes('oom||');
      await waitFor(killed, { ms: 20_000, every: 200, what: 'a process that ran out of memory' });
      await docker('exec hungry touch /go');
    }
    expect((await ran).code).toBe(OLD_DOCKER ? 7 : 137);
    expect((await docker('inspect --format {{.State.OOMKilled}} hungry')).stdout).toBe('true\n');
    const ends = (await told('hungry')).map((event) => event.split('|')[0]);
    expect(ends.slice(0, 3)).toEqual(['create', 'attach', 'start']);
    expect(ends.indexOf('oom')).toBeGreaterThan(2);
    expect(ends.indexOf('die')).toBeGreaterThan(ends.lastIndexOf('oom'));
  });

  it('attach: to what the runtime could not start at first, and then can', async () => {
    const tool = join(folder, 'tool');
    const volume = ['--interactive', '--volume', `${folder}:/mnt`];
    await world.node.mustDocker(['create', ...volume, '--name', 'late', DEMO_IMAGE, '/mnt/tool']);
    const asked = request({
      socketPath: world.node.socket,
      method: 'POST',
      path: '/containers/late/attach?stream=1&stdin=1&stdout=1&stderr=1',
      headers: { Connection: 'Upgrade', Upgrade: 'tcp' },
    });
    const [, socket] = (await once(asked.end(), 'upgrade')) as [IncomingMessage, Socket];
    let said = '';
    const ended = once(socket, 'end');
    socket.on('data', (chunk: Buffer) => (said += chunk.subarray(8).toString()));
    socket.write('early\n');
    writeFileSync(tool, '#!/bin/sh\nread word; echo "got $word"\n', { mode: 0o755 });
    await world.node.mustDocker(['start', 'late']);
    await ended;
    socket.destroy();
    expect(said).toBe('got early\n');
  });

  it('events: who leaves a terminal by its keys', async () => {
    const began = String(Date.now() / 1000);
    await world.node.mustDocker(['run', '--detach', '--interactive', '--tty', '--name', 'left', DEMO_IMAGE, 'sh']);
    const types = async (path: string, keys: string, body = '') => {
      const json = { 'Content-Type': 'application/json', 'Content-Length': String(body.length) };
      const headers = { Connection: 'Upgrade', Upgrade: 'tcp', ...json };
      const asked = request({ socketPath: world.node.socket, method: 'POST', path, headers });
      const [, socket] = (await once(asked.end(body), 'upgrade')) as [IncomingMessage, Socket];
      const ended = once(socket.resume(), 'end');
      socket.write(keys);
      await ended;
      socket.destroy();
    };
    await types('/containers/left/attach?stream=1&stdin=1&stdout=1&detachKeys=a,ctrl-b', 'a\x02');
    const exec = { Cmd: ['sh'], Tty: true, AttachStdin: true, AttachStdout: true, DetachKeys: 'x,y' };
    const { Id } = JSON.parse(await world.node.api('POST', '/containers/left/exec', exec)) as { Id: string };
    await types(`/exec/${Id}/start`, 'xy', '{"Tty":true}');
    expect((await docker('inspect --format {{.State.Running}} left')).stdout).toBe('true\n');
    const range = `--since ${began} --until ${Date.now() / 1000} --filter container=left --filter type=container`;
    const { stdout } = await docker(`events ${range} --format {{.Action}}|{{.Actor.Attributes.execID}}`);
    const told = stdout.split('\n').filter((line) => /detach/.test(line));
    expect(told).toEqual(['detach|<no value>', `exec_detach|${Id}`]);
    await world.node.mustDocker(['rm', '--force', 'left']);
  });

  it('top and stats', async () => {
    expect((await docker('top long')).stdout).toMatch(/UID +PID +PPID[^]*sleep 1000/);
    const { stdout } = await docker('stats --no-stream --format {{.Name}}|{{.PIDs}}|{{.NetIO}}|{{.MemUsage}} long');
    expect(stdout).toMatch(/^long\|\d+\|[\d.]+k?B \/ [\d.]+k?B\|[\d.]+[KM]iB/);
    await docker('update --memory 100m --memory-swap 100m long');
    expect((await docker('stats --no-stream --format {{.MemUsage}} long')).stdout).toMatch(/ \/ 100MiB$/m);
  });
});
