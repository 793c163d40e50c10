import { beforeAll, describe, expect, it } from 'vitest';
import { waitFor } from '#lib/common';
import type { TestProject } from './harness/project.js';
import { useSample } from './harness/sample.js';
import { useWorld } from './harness/world.js';

describe('sample two-networks-proxy', () => {
  const world = useWorld();
  const sample = useSample(world, 'two-networks-proxy');
  let project: TestProject;
  let app: string;

  beforeAll(async () => {
    ({ project } = sample);
    app = (await project.addresses('app', 'inside'))[0]!;
  });

  it('puts the proxy on both networks, an interface each, and the default route on the one with the way out', async () => {
    const { networks } = await project.container('proxy');
    expect(networks.map(({ name }) => name).sort()).toEqual([
      'two-networks-proxy_inside',
      'two-networks-proxy_outside',
    ]);
    const outside = await project.network('outside');
    const routes = (await project.exec('proxy', 'ip', 'route')).stdout;
    expect(routes.match(/^default/gm)).toHaveLength(1);
    expect(routes).toContain(`default via ${outside.pools[0]!.gateway}`);
  });

  it('passes requests on, from a container and from outside', async () => {
    expect(await project.fetch('visitor', 'http://proxy/')).toContain(`: ${app}`);
    const url = `http://${world.node.machine.address}:8086/`;
    const body = await waitFor(() => world.outside.get(url), { ms: 15_000, every: 100, what: url });
    expect(body).toContain(`: ${app}`);
  });

  it('is the only way: the visitor reaches the app neither by name nor by address', async () => {
    expect(await project.lookup('visitor', 'app')).toEqual([]);
    expect(await project.pings('visitor', app)).toBe(false);
    expect((await project.exec('visitor', 'nc', '-w', '1', app, '80')).code).not.toBe(0);
    const [inside, outside] = [await project.network('inside'), await project.network('outside')];
    // Not with a route of its own making either.
    await project.exec('visitor', 'ip', 'route', 'add', inside.pools[0]!.subnet, 'via', outside.pools[0]!.gateway);
    expect(await project.pings('visitor', app)).toBe(false);
  });

  it('lets nothing out of the internal network, and asks nobody outside for names', async () => {
    expect((await project.exec('app', 'ip', 'route')).stdout).not.toContain('default');
    expect(await project.pings('app', world.outside.address)).toBe(false);
    expect(await project.pings('visitor', world.outside.address)).toBe(true);
  });

  it('leaves nothing when it goes', async () => {
    await project.down();
    expect(await world.node.returnsTo(sample.before)).toEqual(sample.before);
  });
});
