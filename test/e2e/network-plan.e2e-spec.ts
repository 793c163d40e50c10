import { describe, expect, it } from 'vitest';
import { useWorld } from './harness/world.js';

describe('skep network plan', () => {
  const world = useWorld();

  it.each(['nat', 'transparent', 'l2bridge', 'l2tunnel'])('says of %s what the create then makes', async (driver) => {
    const { node, outside } = world;
    const segment = outside.address.split('.').slice(0, 3).join('.');
    const pool = driver === 'nat' ? [] : ['--subnet', `${segment}.0/24`, '--gateway', outside.address];
    const options = ['-d', driver, ...pool, '-o', 'com.docker.network.windowsshim.networkname=planned0', 'lan'];
    const before = await node.settled();
    const plan = JSON.parse(await node.must(['network', 'plan', '--format', 'json', ...options]));
    const text = await node.must(['network', 'plan', ...options]);
    expect(text.split('\n')[0]).toBe(`network lan, driver ${driver}`);
    expect(await node.settled()).toEqual(before);
    await node.mustDocker(['network', 'create', ...options]);
    try {
      const made = JSON.parse(await node.must(['network', 'inspect', 'lan']))[0];
      const { name, linkName, uplink, pools, internal } = made;
      expect(plan).toMatchObject({ name, driver, linkName, pools, internal, ...(uplink && { uplink }) });
      const links = await node.machine.must('ip', ['-br', 'link']);
      expect(links).toContain('planned0');
      const link = plan.effects.find((each: { kind: string }) => each.kind === 'link').says;
      expect(link).toContain(driver === 'transparent' ? 'macvlan planned0 on uplink' : 'bridge planned0');
      const again = await node.skep(['network', 'plan', ...options]);
      expect([again.code, again.stderr]).toEqual([1, expect.stringContaining('network with name lan already exists')]);
    } finally {
      await node.mustDocker(['network', 'rm', 'lan']);
    }
  });
});
