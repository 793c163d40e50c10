import { beforeAll, describe, expect, it } from 'vitest';
import { waitFor } from '#lib/common';
import { killPart } from './harness/faults.js';
import { DEMO_IMAGE } from './harness/image.js';
import { whilePaused } from './harness/paused.js';
import type { Snapshot } from './harness/snapshot.js';
import { useWorld } from './harness/world.js';

interface Shown {
  Id: string;
  State: { Status: string; Pid: number; ExitCode: number; Health?: { Status: string; Log: { ExitCode: number }[] } };
  RestartCount: number;
  HostConfig: { Memory: number; RestartPolicy: { Name: string } };
  NetworkSettings: { Networks: Record<string, { IPAddress: string }> };
}

describe('containers, by the real docker CLI', () => {
  const world = useWorld();
  let before: Snapshot;

  beforeAll(async () => {
    before = await world.node.settled();
  });

  const docker = async (...args: string[]): Promise<string> => (await world.node.mustDocker(args)).trim();
  const refused = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await world.node.docker(args);
    expect(code, stdout).not.toBe(0);
    return stderr.trim();
  };
  const run = (name: string, ...more: string[]) => docker('run', '-d', '--name', name, ...more);
  const serve = (name: string, ...options: string[]) => run(name, ...options, DEMO_IMAGE, 'serve');
  const inspect = async (name: string): Promise<Shown> => (JSON.parse(await docker('inspect', name)) as Shown[])[0]!;
  const ps = (name: string, column: string) =>
    docker('ps', '-a', '--filter', `name=^/${name}$`, '--format', `{{.${column}}}`);
  const becomes = (name: string, fits: (shown: Shown) => boolean, what: string) =>
    waitFor(async () => fits(await inspect(name)), { ms: 30_000, every: 200, what: `${name}: ${what}` });
  /** The node may be away meanwhile. */
  const gone = (name: string) =>
    waitFor(
      async () => {
        const { code, stdout } = await world.node.docker(['ps', '-aq', '--filter', `name=^/${name}$`]);
        return code === 0 && stdout === '';
      },
      { ms: 30_000, every: 200, what: `${name} is gone` },
    );
  /** Who answers there, as soon as somebody does: a container that has started may not listen yet. */
  const answer = (port: number): Promise<string> =>
    waitFor(
      async () =>
        /^host: (\w+)/m.exec((await world.outside.get(`http://${world.node.machine.address}:${port}/`)) ?? '')?.[1],
      { ms: 15_000, every: 100, what: `an answer on port ${port}` },
    );
  const remove = (...names: string[]) => docker('rm', '-f', '-v', ...names);

  it.each([
    ['missing', 127, /exec: "missing": executable file not found in \$PATH: unknown/],
    // runc names the file, crun does not.
    ['/etc/hostname', 126, /(exec: "\/etc\/hostname"|open executable): permission denied: unknown/],
  ])('says why %s cannot be run, attached or not, and takes it away where that was asked', async (file, code, why) => {
    for (const way of ['--interactive', '--detach']) {
      const outcome = await world.node.docker(['run', way, '--rm', '--name', 'never', DEMO_IMAGE, file]);
      expect(outcome).toMatchObject({ code, stderr: expect.stringMatching(why) as string });
      await gone('never');
    }
  });

  it('runs a command with everything that was asked for', async () => {
    const script = 'id -u; pwd; hostname; ulimit -n; cat /etc/hosts; ip -o addr show eth0; echo $A $B; touch /x';
    const { code, stdout, stderr } = await world.node.docker([
      'run',
      '--rm',
      '--read-only',
      '--tmpfs',
      '/run:size=1m',
      '--init',
      '--user',
      '65534',
      '-w',
      '/tmp',
      '--cap-drop',
      'ALL',
      '--ulimit',
      'nofile=100:200',
      '-e',
      'A=one',
      '-e',
      'B=two',
      '--hostname',
      'h1',
      '--add-host',
      'there:192.0.2.1',
      '--memory',
      '64m',
      '--pids-limit',
      '50',
      '--mac-address',
      '02:11:22:33:44:55',
      DEMO_IMAGE,
      'sh',
      '-c',
      script,
    ]);
    expect(code).not.toBe(0);
    expect(stderr).toContain('Read-only file system');
    expect(stdout).toMatch(/^65534\n\/tmp\nh1\n100\n/);
    expect(stdout).toMatch(/^192\.0\.2\.1\s+there$/m);
    expect(stdout).toMatch(/one two$/m);
  });

  it('publishes ports, shows them as Docker does, and answers on them', async () => {
    const id = await serve('web', '-p', '8080:80', '-p', '127.0.0.1:9000:90/udp', '-p', '53:53', '-p', '53:53/udp');
    expect(await ps('web', 'Ports')).toBe(
      '0.0.0.0:53->53/tcp, 0.0.0.0:53->53/udp, 0.0.0.0:8080->80/tcp, 127.0.0.1:9000->90/udp',
    );
    expect((await docker('port', 'web')).split('\n')).toContain('80/tcp -> 0.0.0.0:8080');
    expect(await ps('web', 'Status')).toMatch(/^Up (Less than a second|\d+ seconds?)$/);
    expect(await answer(8080)).toBe(id.slice(0, 12));
    const second = await serve('range', '-p', '8080-8082:80');
    expect(await docker('port', 'range')).toBe('80/tcp -> 0.0.0.0:8081');
    expect(await answer(8081)).toBe(second.slice(0, 12));
    await serve('free', '-P', '--expose', '80');
    const port = Number((await docker('port', 'free', '80')).split('\n')[0]!.split(':').at(-1));
    expect(await answer(port)).toBe((await inspect('free')).Id.slice(0, 12));
    await remove('range', 'free');
  });

  it('says who holds a port, and gives it to another one once that is stopped', async () => {
    const words = await refused('run', '-d', '--name', 'late', '-p', '8080:80', DEMO_IMAGE, 'serve');
    expect(words).toMatch(
      /driver failed programming external connectivity on endpoint late \(\w+\): Bind for 0\.0\.0\.0:8080 failed: port is already allocated \(by container web\)/,
    );
    expect(await ps('late', 'Status')).toBe('Created');
    await docker('stop', 'web');
    expect(await ps('web', 'Ports')).toBe('');
    await docker('start', 'late');
    expect(await answer(8080)).toBe((await inspect('late')).Id.slice(0, 12));
    expect(await refused('start', 'web')).toContain('port is already allocated (by container late)');
    await remove('late');
    await docker('start', 'web');
    expect(await answer(8080)).toBe((await inspect('web')).Id.slice(0, 12));
  });

  it('pauses, renames, limits and inspects what runs', async () => {
    await whilePaused(world.node, 'web', async () => {
      expect(await ps('web', 'Status')).toMatch(/^Up .* \(Paused\)$/);
    });
    await docker('rename', 'web', 'site');
    await docker('update', '--memory', '64m', '--memory-swap', '64m', '--restart', 'unless-stopped', 'site');
    const { State, HostConfig } = await inspect('site');
    expect(HostConfig).toMatchObject({ Memory: 64 << 20, RestartPolicy: { Name: 'unless-stopped' } });
    expect(State.Pid).toBeGreaterThan(1);
    expect(await docker('ps', '-s', '--filter', 'name=site', '--format', '{{.Size}}')).toMatch(/\(virtual .*B\)$/);
    expect(await refused('kill', '-s', 'NOPE', 'site')).toContain('invalid signal: NOPE');
    expect(await refused('rm', 'site')).toContain('container is running: stop the container before removing');
    await remove('site');
  });

  it('probes health, and shows what the probes said', async () => {
    const check = ['--health-cmd', 'test -e /tmp/ok', '--health-interval', '300ms', '--health-retries', '2'];
    await run('sick', ...check, DEMO_IMAGE, 'idle');
    await becomes('sick', ({ State }) => State.Health?.Status === 'unhealthy', 'is unhealthy');
    expect(await ps('sick', 'Status')).toMatch(/^Up .* \(unhealthy\)$/);
    await docker('exec', 'sick', 'touch', '/tmp/ok');
    await becomes('sick', ({ State }) => State.Health?.Status === 'healthy', 'is healthy');
    const { Health } = (await inspect('sick')).State;
    expect(Health!.Log.length).toBeLessThanOrEqual(5);
    expect(Health!.Log.at(-1)).toMatchObject({ ExitCode: 0 });
    await remove('sick');
  });

  it('restarts by policy', async () => {
    const failing = [DEMO_IMAGE, 'sh', '-c', 'exit 3'];
    await run('counted', '--restart', 'on-failure:2', ...failing);
    await run('once', ...failing);
    await run('ever', '--restart', 'always', DEMO_IMAGE, 'idle');
    await becomes('counted', ({ State, RestartCount }) => State.Status === 'exited' && RestartCount === 2, 'gave up');
    expect(await inspect('once')).toMatchObject({ State: { Status: 'exited', ExitCode: 3 }, RestartCount: 0 });
    expect(await ps('once', 'Status')).toMatch(/^Exited \(3\) .* ago$/);
    process.kill((await inspect('ever')).State.Pid, 'SIGKILL');
    await becomes('ever', ({ State, RestartCount }) => State.Status === 'running' && RestartCount === 1, 'runs again');
    await docker('kill', 'ever');
    await becomes('ever', ({ State }) => State.Status === 'exited', 'stays down after a kill');
    await remove('counted', 'once');
  });

  it('restarts what is to be removed when it ends, and removes it when it is stopped', async () => {
    await run('brief', '--rm', DEMO_IMAGE, 'idle');
    const { Pid } = (await inspect('brief')).State;
    await docker('restart', '-t', '0', 'brief');
    const { State } = await inspect('brief');
    expect(State.Status).toBe('running');
    expect(State.Pid).not.toBe(Pid);
    await docker('stop', '-t', '0', 'brief');
    await gone('brief');
  });

  it('starts what is to run always when the daemon starts again, and nothing when only the agent does', async () => {
    await run('unless', '--restart', 'unless-stopped', DEMO_IMAGE, 'idle');
    await docker('stop', 'unless');
    await run('passing', '--rm', DEMO_IMAGE, 'sh', '-c', 'sleep 2');
    await killPart(world.node, 'agent');
    await gone('passing');
    expect((await inspect('ever')).State.Status).toBe('exited');
    await world.node.stop();
    await world.node.start();
    await becomes('ever', ({ State }) => State.Status === 'running', 'runs with the daemon');
    expect((await inspect('unless')).State.Status).toBe('exited');
    await remove('ever', 'unless');
  });

  it('lets several clients do different things to one container', async () => {
    for (let round = 0; round < 3; round++) {
      await docker('create', '--name', 'torn', '-p', '8080:80', DEMO_IMAGE, 'serve');
      const calls = [['start'], ['stop', '-t', '0'], ['restart', '-t', '0'], ['start'], ['rm', '-f'], ['rm', '-f']];
      await Promise.all(calls.map((call) => world.node.docker([...call, 'torn'])));
      await gone('torn');
    }
  });

  it('prunes what is stopped, and leaves nothing', async () => {
    await docker('create', '--name', 'old', '-v', '/data', DEMO_IMAGE, 'serve');
    expect(await docker('container', 'prune', '-f')).toMatch(
      /^Deleted Containers:\n[0-9a-f]{64}\n\nTotal reclaimed space: /,
    );
    expect(await docker('ps', '-aq')).toBe('');
    expect(await world.node.returnsTo(before)).toEqual(before);
  });
});
