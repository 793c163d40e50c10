import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DEMO_IMAGE } from './harness/image.js';
import { DockerLab } from './harness/docker-lab.js';
import { useWorld } from './harness/world.js';

/** What a container sees of the options that it was run with, as Docker Engine has it. */
/** A profile of seccomp, which the client reads. */
const NO_MKDIR = new URL('fixtures/no-mkdir.json', import.meta.url).pathname;

describe('options of docker run', () => {
  const world = useWorld();
  const lab = new DockerLab(world);
  const docker = (...args: string[]) => lab.docker(...args);
  const prints = (command: string, ...options: string[]) => lab.prints(command, ...options);
  const refusal = (...args: string[]) => lab.refusal(...args);

  it.each<[string[], string, string | RegExp]>([
    [['--tmpfs', '/t:size=1m,mode=700'], 'mount | grep " /t "', /nosuid,nodev.*size=1024k,mode=700/],
    [['--tmpfs', '/t'], 'mount | grep " /t "', /noexec/],
    [['--mount', 'type=tmpfs,dst=/t,tmpfs-size=1m'], 'mount | grep " /t "', /noexec.*size=1024k/],
    [['--shm-size', '32m'], 'mount | grep " /dev/shm "', /size=32768k/],
    [['--ulimit', 'nofile=100:200', '--ulimit', 'core=0'], 'ulimit -n; ulimit -Hn; ulimit -c', '100\n200\n0'],
    [['--device', '/dev/null:/dev/other:rw'], 'ls -l /dev/other | cut -c1', 'c'],
    [['--cap-drop', 'ALL', '--cap-add', 'CHOWN'], 'grep CapEff /proc/self/status', /0000000000000001$/],
    [['--security-opt', 'no-new-privileges'], 'grep NoNewPrivs /proc/self/status', /1$/],
    [['--security-opt', 'seccomp=unconfined'], 'grep Seccomp: /proc/self/status', /0$/],
    [['--security-opt', `seccomp=${NO_MKDIR}`], 'mkdir /tmp/x 2>&1 || true', /Operation not permitted$/],
    [['--read-only'], 'touch /x 2>&1; touch /dev/shm/x && echo written', /Read-only file system\nwritten/],
    [['--init'], 'cat /proc/1/comm', /init/],
    [['--pid', 'host'], 'test -d /proc/2 && echo of the node', 'of the node'],
    [['--ipc', 'none'], 'mount | grep -c /dev/shm || true', '0'],
    [['--uts', 'host'], 'hostname', /^(?![0-9a-f]{12}$)/],
    [['--sysctl', 'net.ipv4.ip_forward=1'], 'cat /proc/sys/net/ipv4/ip_forward', '1'],
    [
      ['--sysctl', 'net.ipv4.conf.eth0.log_martians=1', '--sysctl', 'net.ipv6.conf.eth0.accept_ra=2'],
      'cat /proc/sys/net/ipv4/conf/eth0/log_martians /proc/sys/net/ipv6/conf/eth0/accept_ra',
      '1\n2',
    ],
    [['--add-host', 'a:1.2.3.4', '--add-host', 'gw:host-gateway'], 'grep -c -E "\\s(a|gw)$" /etc/hosts', '2'],
    [['--hostname', 'hh', '--domainname', 'dd.ee'], 'hostname; hostname -f', 'hh\nhh.dd.ee'],
    [['--group-add', '55', '-u', '1000:1001'], 'id -u; id -g; id -G', /^1000\n1001\n(?=.*\b55\b)/],
    [['--mac-address', '02:42:aa:bb:cc:dd'], 'cat /sys/class/net/eth0/address', '02:42:aa:bb:cc:dd'],
    [['--oom-score-adj', '100', '--cpuset-cpus', '0'], 'cat /proc/self/oom_score_adj', '100'],
    [['--mount', 'type=volume,src=bare,dst=/etc,volume-nocopy'], 'ls /etc/passwd 2>&1 || true', /No such file/],
    [['--mount', 'type=volume,src=filled,dst=/etc'], 'ls /etc/passwd', '/etc/passwd'],
  ])('%j', async (options, command, wanted) => {
    expect((await prints(command, ...options)).trim()).toEqual(
      typeof wanted === 'string' ? wanted : expect.stringMatching(wanted),
    );
  });

  it('reads variables, labels and the place of the id from files', async () => {
    const at = (name: string) => join(world.node.folder, name);
    await writeFile(at('variables'), 'A=1\nB=2\n');
    await writeFile(at('labels'), 'from=file\n');
    const files = ['--env-file', at('variables'), '--label-file', at('labels'), '--cidfile', at('id')];
    await docker('run', '-d', '--name', 'files', ...files, '-e', 'B=3', DEMO_IMAGE, 'idle');
    expect(await docker('exec', 'files', 'sh', '-c', 'echo $A $B')).toBe('1 3');
    expect(await docker('inspect', '-f', '{{.Config.Labels.from}}', 'files')).toBe('file');
    await docker('rm', '-f', 'files');
  });

  it('refuses what names nothing, and pulls no image for that', async () => {
    const run = (...options: string[]) => refusal('run', '--rm', ...options, DEMO_IMAGE, 'true');
    for (const [options, words] of [
      [['--network', 'nope'], 'network nope not found'],
      [['--network', 'container:nope'], 'No such container: nope'],
      [['--volumes-from', 'nope'], 'No such container: nope'],
      [['--pid', 'container:nope'], 'No such container: nope'],
      [['--user', 'nobody-here'], 'unable to find user nobody-here: no matching entries in passwd file'],
      [['-v', 'a/b:/c'], '"a/b" includes invalid characters for a local volume name'],
      [['--uts', 'host', '--hostname', 'x'], 'conflicting options: hostname and the UTS mode'],
      [['--platform', 'linux/s390x', '--pull', 'never'], 'does not match the specified platform: wanted linux/s390x'],
    ] as [string[], string][]) {
      const said = await run(...options);
      expect(said).toContain(words);
      expect(said).not.toContain('Unable to find image');
    }
  });

  it('has the volumes of another container, and none of the files that skep gave to that one', async () => {
    await docker(
      'run',
      '-d',
      '--name',
      'data',
      '-v',
      'kept:/data',
      '-v',
      '/own',
      '--add-host',
      'a:1.2.3.4',
      DEMO_IMAGE,
      'idle',
    );
    await docker('exec', 'data', 'touch', '/data/seen', '/own/seen');
    const from = ['--network', 'host', '--volumes-from', 'data:ro', '-v', '/data', '--tmpfs', '/own'];
    const script = 'ls /data /own; touch /data/x 2>&1; grep 1.2.3.4 /etc/hosts || true';
    const said = await prints(script, ...from);
    await docker('rm', '-fv', 'data');
    await docker('volume', 'rm', 'kept');
    expect(said).toBe('/data:\nseen\n\n/own:\ntouch: /data/x: Read-only file system');
  });

  it('makes the volume that a mount describes', async () => {
    const options = ['volume-label=a=b', 'volume-driver=local', 'volume-opt=type=tmpfs', 'volume-opt=device=tmpfs'];
    const mount = ['type=volume,src=described,dst=/v', ...options, 'volume-opt=o=size=1m'].join();
    expect(await prints('mount | grep " /v "', '--mount', mount)).toMatch(/^tmpfs on \/v type tmpfs .*size=1024k/);
    expect(await docker('volume', 'inspect', '-f', '{{json .Options}} {{json .Labels}}', 'described')).toBe(
      '{"device":"tmpfs","o":"size=1m","type":"tmpfs"} {"a":"b"}',
    );
    expect(await docker('volume', 'ls', '-q', '--filter', 'label=a=b')).toBe('described');
  });

  it('makes volumes with options that nobody named, and takes them away with the container', async () => {
    const before = await docker('volume', 'ls', '-q');
    const options = ['volume-label=own=1', 'volume-opt=type=tmpfs', 'volume-opt=device=tmpfs', 'volume-opt=o=size=1m'];
    const mounts = [
      '--mount',
      ['type=volume,dst=/v', ...options].join(),
      '--mount',
      'type=volume,dst=/etc,volume-nocopy',
    ];
    expect(await prints('mount | grep " /v "; test -e /etc/passwd || echo empty', ...mounts)).toMatch(
      /^tmpfs on \/v type tmpfs .*size=1024k.*\nempty$/,
    );
    expect(await docker('volume', 'ls', '-q')).toBe(before);
    const id = await docker('create', ...mounts, DEMO_IMAGE, 'idle');
    const made = await docker('volume', 'ls', '-q', '--filter', 'label=own=1');
    expect(made).toMatch(/^[0-9a-f]{64}$/);
    expect(await docker('inspect', '-f', '{{range .Mounts}}{{.Destination}} {{.Name}} {{end}}', id)).toContain(
      `/v ${made}`,
    );
    await docker('rm', id);
    expect(await docker('volume', 'ls', '-q')).toContain(made);
    await docker('volume', 'prune', '-f');
    expect(await docker('volume', 'ls', '-q')).toBe(before);
    await docker('create', '--name', 'gone', ...mounts, DEMO_IMAGE, 'idle');
    await docker('rm', '-v', 'gone');
    expect(await docker('volume', 'ls', '-q')).toBe(before);
  });

  it('mounts a folder of the node by a volume, and knows no option by mistake', async () => {
    const folder = join(world.node.folder, 'shared');
    await mkdir(folder);
    await writeFile(join(folder, 'file'), 'of the node\n');
    await docker('volume', 'create', '-o', 'type=none', '-o', 'o=bind', '-o', `device=${folder}`, 'bound');
    expect(await prints('cat /v/file', '-v', 'bound:/v')).toBe('of the node');
    expect(await refusal('volume', 'create', '-o', 'colour=red', 'red')).toContain(
      'create red: invalid option: "colour"',
    );
  });

  it("builds images that keep everything that a Dockerfile says, and words a build's faults", async () => {
    const context = join(world.node.folder, 'kept');
    await mkdir(context);
    const built = async (text: string, ...options: string[]) => {
      await writeFile(join(context, 'Dockerfile'), text);
      return world.node.docker(['build', ...options, context], { env: { DOCKER_BUILDKIT: '0' } });
    };
    const first = `FROM ${DEMO_IMAGE}\n`;
    await built(`${first}HEALTHCHECK --interval=5s CMD true\nONBUILD LABEL on=build\nCMD idle\n`, '-t', 'kept:1');
    expect(await docker('image', 'inspect', '-f', '{{json .Config.Healthcheck}}', 'kept:1')).toBe(
      '{"Test":["CMD-SHELL","true"],"Interval":5000000000}',
    );
    await docker('run', '-d', '--name', 'kept', 'kept:1');
    expect(await docker('inspect', '-f', '{{json .Config.Healthcheck.Test}} {{.State.Health.Status}}', 'kept')).toMatch(
      /^\["CMD-SHELL","true"\] (starting|healthy)$/,
    );
    await docker('rm', '-f', 'kept');
    await built('FROM kept:1\n', '-t', 'kept:2');
    expect(await docker('image', 'inspect', '-f', '{{.Config.Labels.on}}', 'kept:2')).toBe('build');
    for (const [text, options, words] of [
      [`${first}COPY absent /x\n`, [], 'COPY failed: file not found in build context or excluded by .dockerignore'],
      [`${first}NONSENSE x\n`, [], /unknown instruction: NONSENSE/i],
      [first, ['--target', 'nope'], /target (stage )?"?nope"?/],
    ] as [string, string[], string | RegExp][]) {
      const { code, stderr } = await built(text, ...options);
      expect(code).not.toBe(0);
      if (typeof words === 'string') expect(stderr).toContain(words);
      else expect(stderr).toMatch(words);
      expect(stderr).not.toContain(world.node.folder);
    }
  });
});
