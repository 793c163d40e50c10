import { isDeepStrictEqual } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { waitFor } from '#lib/common';
import { LegacyCompose } from './harness/legacy-compose.js';
import type { Snapshot } from './harness/snapshot.js';
import { useWorld } from './harness/world.js';

const SERVICES = {
  'round-robin': 7,
  'dual-stack-internal': 3,
  'external-nat': 2,
  'ports-aliases-links': 3,
  'two-networks-proxy': 3,
};

/** Podman mounts its own storage when it needs it. */
const without = ({ mounts: _engines, ...rest }: Snapshot) => rest;

/** What Debian has: docker-compose 1.29, in Python, on docker-py. */
describe('docker-compose 1.29', () => {
  const world = useWorld();
  let compose: LegacyCompose | undefined;

  afterEach(async () => {
    await compose?.run('down', '-v');
    compose = undefined;
  });

  const up = async (sample: string) => {
    compose = await LegacyCompose.sample(world.node, sample);
    await compose.must('up', '-d');
    return compose;
  };
  const published = (port: number) =>
    waitFor(() => world.outside.get(`http://${world.node.machine.address}:${port}/`), {
      ms: 15_000,
      every: 100,
      what: `port ${port} answers`,
    });

  it.each(Object.entries(SERVICES))(
    'brings %s up, shows it and takes it down without a trace',
    async (sample, count) => {
      const before = await world.node.settled();
      const project = await up(sample);
      expect(await project.running()).toHaveLength(count);
      const shown = await project.must('ps');
      for (const name of await project.running()) expect(shown).toMatch(new RegExp(`^${name} .* Up`, 'm'));
      await project.must('down', '-v');
      compose = undefined;
      expect(await project.running()).toEqual([]);
      const lasting = async () => isDeepStrictEqual(without(await world.node.settled()), without(before));
      await waitFor(lasting, { ms: 30_000, every: 100, what: 'the machine is as before' });
    },
  );

  it('leaves a network of driver bridge as it is when it is brought up again', async () => {
    const file = new URL('fixtures/bridge-driver.yaml', import.meta.url).pathname;
    compose = await LegacyCompose.of(world.node, 'bridge-driver', file);
    await compose.must('up', '-d');
    const network = () =>
      world.node.mustDocker(['network', 'inspect', '-f', '{{.Id}} {{.Driver}}', 'old-bridge-driver_back']);
    const before = await network();
    expect(before).toMatch(/^[0-9a-f]{64} bridge\n$/);
    await compose.must('up', '-d');
    expect(await network()).toBe(before);
    expect(await compose.running()).toEqual(['old-bridge-driver_web_1']);
  });

  it('finds services by their names, and scales them', async () => {
    const project = await up('round-robin');
    expect(await published(8080)).toContain('host: ');
    const names = async () =>
      (await project.must('exec', '-T', 'client', 'nslookup', '-type=a', 'web')).match(/^Address/gm);
    // The server's own address is the first.
    expect(await names()).toHaveLength(1 + 3);
    await project.must('up', '-d', '--scale', 'web=5');
    expect(await project.running('web')).toHaveLength(5);
    await waitFor(async () => (await names())?.length === 1 + 5, { ms: 10_000, every: 100, what: 'five answers' });
    await project.must('up', '-d', '--scale', 'web=1');
    expect(await project.running('web')).toEqual([`${project.project}_web_1`]);
  });

  it('prints logs', async () => {
    compose = await LegacyCompose.of(world.node, 'steady', new URL('fixtures/steady.yaml', import.meta.url).pathname);
    await compose.must('up', '-d');
    expect(await compose.must('logs', '--no-color', 'client')).toMatch(/^client_1 +\| a line of the client$/m);
  });

  it('runs one container of a service, and restarts', async () => {
    const project = await up('external-nat');
    expect(await published(8085)).toContain('host: ');
    const once = await project.run('run', '--rm', '-T', 'client', 'wget', '-q', '-O', '-', 'http://web/');
    expect(once).toMatchObject({ code: 0, stdout: expect.stringContaining('host: ') });
    await project.must('restart', '-t', '1', 'client');
    await project.must('stop', '-t', '1');
    expect(await project.running()).toEqual([]);
    await project.must('start');
    expect(await project.running()).toHaveLength(2);
  });

  it('has links, aliases and every form of port', async () => {
    const project = await up('ports-aliases-links');
    const names = ['link', 'shop', 'www.shop.example', 'other'];
    // One that has just started may not listen yet.
    const asking = `for name in ${names.join(' ')}; do
      until page=$(wget -q -O - http://$name/); do sleep 0.1; done
      echo "$name: $(echo "$page" | head -n 1)"
    done`;
    const said = await project.must('exec', '-T', 'client', 'sh', '-c', asking);
    for (const name of names) expect(said).toContain(`${name}: host: `);
    expect(await published(8087)).toBe(await published(8089));
    expect(await project.must('port', 'web', '80')).toMatch(/^0\.0\.0\.0:\d+$/m);
  });

  it('gets static addresses where they are asked for first', async () => {
    compose = await LegacyCompose.sample(world.node, 'custom-subnet');
    await compose.must('up', '-d', '--no-deps', 'fixed', 'outside-range');
    await compose.must('up', '-d');
    expect(await compose.running()).toHaveLength(6);
    expect(await compose.must('exec', '-T', 'fixed', 'ip', '-4', 'addr', 'show', 'eth0')).toContain('172.17.65.2/20');
    const taken = await compose.must('exec', '-T', '--index=1', 'any', 'ip', '-4', 'addr', 'show', 'eth0');
    expect(taken).toMatch(/172\.17\.65\.\d+\/20/);
  });
});
