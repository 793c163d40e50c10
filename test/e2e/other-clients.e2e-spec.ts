import { once } from 'node:events';
import { PassThrough, type Readable } from 'node:stream';
import Docker from 'dockerode';
import { beforeAll, describe, expect, it } from 'vitest';
import { waitFor } from '#lib/common';
import { DEMO_IMAGE } from './harness/image.js';
import { must } from './harness/process.js';
import { useWorld } from './harness/world.js';

const WALK = new URL('fixtures/docker_py.py', import.meta.url).pathname;

describe('clients that are not the docker CLI', () => {
  const world = useWorld();
  let docker: Docker;

  beforeAll(() => {
    docker = new Docker({ socketPath: world.node.socket });
  });

  it('docker-py walks networks, containers, volumes, images and events', async () => {
    const env = { DOCKER_HOST: `unix://${world.node.socket}` };
    // Debian's own Python, which has Debian's python3-docker.
    const walked = await must('/usr/bin/python3', [WALK, DEMO_IMAGE], { env, timeoutMs: 120_000 });
    expect(walked.split('\n')).toEqual(['system', 'networks', 'containers', 'volumes', 'images', 'events', '']);
  });

  it('dockerode attaches before the start, writes, and reads until the end', async () => {
    const container = await docker.createContainer({
      Image: DEMO_IMAGE,
      Cmd: ['sh', '-c', 'read line; echo "got $line"; echo error >&2'],
      OpenStdin: true,
      StdinOnce: true,
    });
    const stream = await container.attach({ stream: true, stdin: true, stdout: true, stderr: true, hijack: true });
    const [out, err] = [new PassThrough(), new PassThrough()];
    docker.modem.demuxStream(stream, out, err);
    const ended = once(stream, 'end');
    await container.start();
    stream.end('a line\n');
    await ended;
    expect([text(out), text(err)]).toEqual(['got a line\n', 'error\n']);
    expect(await container.wait()).toEqual({ StatusCode: 0 });
    await container.remove();
  });

  it('dockerode runs commands in a container, follows its log, and is told of its life', async () => {
    const events = (await docker.getEvents({ filters: { type: ['container'] } })) as Readable;
    let told = '';
    events.on('data', (chunk: Buffer) => (told += chunk.toString('utf8')));
    const container = await docker.createContainer({
      name: 'rode',
      Image: DEMO_IMAGE,
      Cmd: ['sh', '-c', 'trap "exit 5" TERM; echo up; while :; do sleep 0.1; done'],
    });
    await container.start();
    const exec = await container.exec({ Cmd: ['sh', '-c', 'echo in; exit 3'], AttachStdout: true, AttachStderr: true });
    const stream = await exec.start({ hijack: true });
    const out = new PassThrough();
    docker.modem.demuxStream(stream, out, out);
    await once(stream.resume(), 'end');
    expect(text(out)).toBe('in\n');
    expect(await exec.inspect()).toMatchObject({ ExitCode: 3, Running: false });
    const log = (await container.logs({ follow: true, stdout: true, stderr: true })) as unknown as Readable;
    const lines = new PassThrough();
    docker.modem.demuxStream(log, lines, lines);
    const logged = once(log, 'end');
    await container.stop({ t: 5 });
    await logged;
    expect(text(lines)).toBe('up\n');
    expect((await container.inspect()).State).toMatchObject({ Status: 'exited', ExitCode: 5 });
    await container.remove();
    const actions = () =>
      told
        .split('\n')
        .filter(Boolean)
        .map((line) => (JSON.parse(line) as { Action: string }).Action);
    await waitFor(() => actions().includes('destroy'), { ms: 5_000, every: 50, what: 'the last event' });
    expect(actions()).toEqual(expect.arrayContaining(['create', 'start', 'die', 'stop', 'destroy']));
    events.destroy();
  });

  it('dockerode makes networks, joins and leaves them', async () => {
    const network = await docker.createNetwork({
      Name: 'rode-net',
      Driver: 'nat',
      IPAM: { Config: [{ Subnet: '172.30.78.0/24' }] },
      Labels: { by: 'dockerode' },
    });
    const container = await docker.createContainer({ name: 'rode-member', Image: DEMO_IMAGE, Cmd: ['serve'] });
    await container.start();
    await network.connect({ Container: 'rode-member', EndpointConfig: { IPAMConfig: { IPv4Address: '172.30.78.9' } } });
    const inspected = (await network.inspect()) as { Containers: Record<string, { IPv4Address: string }> };
    expect(Object.values(inspected.Containers)).toEqual([expect.objectContaining({ IPv4Address: '172.30.78.9/24' })]);
    await expect(network.remove()).rejects.toMatchObject({
      statusCode: 403,
      message: expect.stringContaining('has active endpoints'),
    });
    await network.disconnect({ Container: 'rode-member' });
    await network.remove();
    expect(await docker.listNetworks({ filters: { label: ['by=dockerode'] } })).toEqual([]);
    await container.remove({ force: true });
  });

  it('dockerode names a network in EndpointsConfig alone, and the container is on no other', async () => {
    const network = await docker.createNetwork({ Name: 'rode-only' });
    const container = await docker.createContainer({
      name: 'rode-alone',
      Image: DEMO_IMAGE,
      Cmd: ['serve'],
      NetworkingConfig: { EndpointsConfig: { 'rode-only': { Aliases: ['alone'] } } },
    });
    await container.start();
    const { NetworkSettings, HostConfig } = await container.inspect();
    expect(Object.keys(NetworkSettings.Networks)).toEqual(['rode-only']);
    expect(HostConfig.NetworkMode).toBe('rode-only');
    await container.remove({ force: true });
    await network.remove();
  });
});

function text(stream: PassThrough): string {
  return (stream.read() as Buffer | null)?.toString('utf8') ?? '';
}
