import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitFor } from '#lib/common';
import { DEMO_IMAGE } from './harness/image.js';
import { useWorld } from './harness/world.js';

/** What somebody did inside a container's network namespace, from the node, is put back; what the container did itself stays. */
describe('the inside of a network namespace', () => {
  const world = useWorld();
  const must = async (...args: string[]) => (await world.node.mustDocker(args)).trim();
  const run = (name: string, network: string, ...more: string[]) =>
    must('run', '-d', '--name', name, '--network', network, ...more, DEMO_IMAGE, 'serve');
  const inside = (id: string, line: string) => world.node.inSandbox(id, 'ip', line.split(' '));
  const startOf = (name: string) => must('inspect', '-f', '{{.State.StartedAt}}', name);

  describe.each(['nat', 'transparent', 'l2bridge'])('of a container on %s', (driver) => {
    const lan = `lan-${driver}`;
    let id: string;
    let address: string;
    let gateway: string;
    let started: string;

    beforeAll(async () => {
      const { address: router } = world.outside;
      const segment = ['--subnet', `${router.replace(/\.\d+$/, '.0')}/24`, '--gateway', router];
      await must('network', 'create', '-d', driver, ...(driver === 'nat' ? [] : segment), lan);
      const own = driver === 'nat' ? [] : ['--ip', router.replace(/\.\d+$/, '.77')];
      id = await run('web', lan, ...own);
      const format = `{{with index .NetworkSettings.Networks "${lan}"}}{{.IPAddress}} {{.Gateway}}{{end}}`;
      const looked = await must('inspect', '-f', format, 'web');
      [address, gateway] = looked.split(' ') as [string, string];
      started = await startOf('web');
    });
    afterAll(async () => {
      await must('rm', '-f', 'web');
      await must('network', 'rm', lan);
    });

    it.each([
      ['its link is down', 'link set eth0 down'],
      ['its address is gone', 'addr flush dev eth0'],
      ['its default route is gone', 'route del default'],
      ['its link is gone', 'link del eth0'],
    ])('is put back within seconds where %s', async (_what, line) => {
      await inside(id, line);
      const whole = async () => {
        const [links, routes] = [await inside(id, '-o addr show'), await inside(id, 'route show default')];
        return links.includes(` ${address}/`) && routes.includes(`via ${gateway} dev eth0`);
      };
      await waitFor(whole, { ms: 5000, every: 50, what: 'address and route are there again' });
      const url = `http://${address}/`;
      const caller = driver === 'nat' ? world.node.machine : world.outside;
      const answers = async () => (await caller.get(url))?.includes(`eth0: ${address}`) === true;
      await waitFor(answers, { ms: 10_000, every: 100, what: 'it is reached' });
      const out = await world.node.docker(['exec', 'web', 'ping', '-c', '1', '-W', '5', world.outside.address]);
      expect(out.code, out.stdout).toBe(0);
      expect(await startOf('web')).toBe(started);
    });
  });

  it('of a container with NET_ADMIN is its own, while it runs and over a restart of the agent', async () => {
    const id = await run('own', 'nat', '--cap-add', 'NET_ADMIN');
    const witness = await run('witness', 'nat');
    const address = await must('inspect', '-f', '{{.NetworkSettings.Networks.nat.IPAddress}}', 'own');
    const gateway = await must('inspect', '-f', '{{.NetworkSettings.Networks.nat.Gateway}}', 'own');
    const chosen = gateway.replace(/\.\d+$/, '.200');
    const itself = (line: string) => must('exec', 'own', 'ip', ...line.split(' '));
    const routes = () => inside(id, 'route show default');
    /** Whatever is put back of others: what was done before it has been seen by then. */
    const seen = async () => {
      await inside(witness, 'route del default');
      const back = async () => (await inside(witness, 'route show default')).includes('via');
      await waitFor(back, { ms: 5000, every: 20, what: "another container's route is put back" });
    };
    await itself('route del default');
    await seen();
    expect(await routes()).toBe('');
    await itself(`route add default via ${chosen}`);
    await itself('addr add 10.200.200.200/32 dev eth0');
    await seen();
    expect(await routes()).toMatch(new RegExp(`^default via ${chosen} dev eth0 *\n$`));

    await world.node.stop('SIGKILL');
    await world.node.start();
    await seen();
    expect(await routes()).toMatch(new RegExp(`^default via ${chosen} dev eth0 *\n$`));
    const addresses = await inside(id, '-o -4 addr show dev eth0');
    expect(addresses).toContain(' 10.200.200.200/32');
    expect(addresses).toContain(` ${address}/`);

    // A new run begins as skep makes it.
    await must('restart', '-t', '0', 'own');
    expect(await routes()).toContain(`via ${gateway} dev eth0`);
    await must('rm', '-f', 'own', 'witness');
  });
});
