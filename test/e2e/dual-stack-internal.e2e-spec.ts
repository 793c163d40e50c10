import { beforeAll, describe, expect, it } from 'vitest';
import type { TestProject } from './harness/project.js';
import { useSample } from './harness/sample.js';
import { useWorld } from './harness/world.js';

describe('sample dual-stack-internal', () => {
  const world = useWorld();
  const sample = useSample(world, 'dual-stack-internal');
  let project: TestProject;

  beforeAll(() => void ({ project } = sample));

  it('gives the addresses that are asked for, in both families', async () => {
    const web = await project.container('web');
    expect(web.networks[0]).toMatchObject({ ipv4: '172.28.9.10', ipv6: 'fd5c:ab1e:9::10' });
    const addresses = (await project.exec('web', 'ip', '-o', 'addr', 'show', 'dev', 'eth0')).stdout;
    expect(addresses).toContain('172.28.9.10/24');
    expect(addresses).toContain('fd5c:ab1e:9::10/64');
    // Usable at once: an address that the kernel still checks for duplicates cannot be bound to.
    expect(addresses).not.toContain('tentative');
  });

  it('resolves and reaches it by both', async () => {
    const { id } = await project.container('client');
    const ask = (type: string) => world.node.inSandbox(id, 'dig', ['@127.0.0.11', '+short', 'web', type]);
    expect((await ask('A')).trim()).toBe('172.28.9.10');
    expect((await ask('AAAA')).trim()).toBe('fd5c:ab1e:9::10');
    expect(await project.fetch('client', 'http://172.28.9.10/')).toContain('eth0: 172.28.9.10');
    expect(await project.fetch('client', 'http://[fd5c:ab1e:9::10]/')).toContain('eth0: fd5c:ab1e:9::10');
  });

  it('routes out of the one network, and not out of the other', async () => {
    const routes = (service: string, family: string) => project.exec(service, 'ip', family, 'route');
    expect((await routes('web', '-4')).stdout).toContain('default via 172.28.9.1 dev eth0');
    expect((await routes('web', '-6')).stdout).toContain('default via fd5c:ab1e:9::1 dev eth0');
    expect((await routes('vault', '-4')).stdout).not.toContain('default');
    expect((await routes('vault', '-6')).stdout).not.toContain('default');
    expect(await project.pings('web', world.outside.address)).toBe(true);
    expect(await project.pings('vault', world.outside.address)).toBe(false);
  });

  it('shows the vault to its own network alone', async () => {
    const [vault] = await project.addresses('vault', 'sealed');
    expect(await project.lookup('client', 'vault')).toEqual([vault]);
    expect(await project.fetch('client', 'http://vault/')).toContain(`eth0: ${vault}`);
    expect(await project.lookup('web', 'vault')).toEqual([]);
    expect(await project.pings('web', vault!)).toBe(false);
  });

  it('leaves nothing when it goes', async () => {
    await project.down();
    expect(await world.node.returnsTo(sample.before)).toEqual(sample.before);
  });
});
