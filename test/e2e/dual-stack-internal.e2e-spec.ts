import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from './harness/image.js';
import { TestProject } from './harness/project.js';
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

  describe('when the file asks for one of its networks otherwise', () => {
    const files = [
      join(ROOT, 'docker-compose.samples/dual-stack-internal/compose.yaml'),
      new URL('fixtures/dual-stack-sealed.yaml', import.meta.url).pathname,
    ];
    let changed: TestProject;

    beforeAll(() => void (changed = new TestProject(world.node, project.name, files)));

    it('refuses while somebody else is on that network, and changes nothing', async () => {
      const { id } = await project.network('dual');
      await world.node.mustDocker(['create', '--name=guest', `--network=${project.name}_dual`, 'skep/demo:1', 'idle']);
      const { code, stdout, stderr } = await changed.skep('up', '-d');
      expect([code, stdout + stderr]).toEqual([1, expect.stringContaining('(internal: false → true)')]);
      expect(stdout + stderr).toContain('remove or disconnect guest first');
      expect((await project.network('dual')).id).toBe(id);
      expect(await project.pings('web', world.outside.address)).toBe(true);
      await world.node.mustDocker(['rm', 'guest']);
    });

    it('makes it anew with the subnets and addresses that it had, and the containers on it alone', async () => {
      const [dual, web, vault] = [
        await project.network('dual'),
        await project.container('web'),
        await project.container('vault'),
      ];
      const plan = await changed.skep('up', '--dry-run');
      expect(plan.stdout + plan.stderr).toMatch(/network\.remove +\S+_dual [^]*network\.ensure +\S+_dual /);
      await changed.up();
      const now = await changed.network('dual');
      expect(now).toMatchObject({ internal: true, pools: dual.pools });
      expect(now.id).not.toBe(dual.id);
      expect((await changed.container('web')).id).not.toBe(web.id);
      expect((await changed.container('vault')).id).toBe(vault.id);
      expect(await world.node.machine.must('ip', ['-br', 'link'])).not.toContain(dual.linkName);
      expect(await changed.lookup('client', 'web')).toEqual(['172.28.9.10']);
      expect(await changed.fetch('client', 'http://[fd5c:ab1e:9::10]/')).toContain('eth0: fd5c:ab1e:9::10');
      expect(await changed.pings('web', world.outside.address)).toBe(false);
      await changed.up();
      expect((await changed.network('dual')).id).toBe(now.id);
    });
  });

  it('leaves nothing when it goes', async () => {
    await project.down();
    expect(await world.node.returnsTo(sample.before)).toEqual(sample.before);
  });
});
