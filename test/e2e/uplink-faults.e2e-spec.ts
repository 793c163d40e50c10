import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { waitFor } from '#lib/common';
import { DockerLab } from './harness/docker-lab.js';
import { killPart } from './harness/faults.js';
import type { Snapshot } from './harness/snapshot.js';
import { useWorld } from './harness/world.js';

const SHIM = 'com.docker.network.windowsshim';

/** What befalls interfaces under networks, with the agent killed in the middle of it: it converges, or says what to do. */
describe('an interface that somebody changes under a network', () => {
  const world = useWorld();
  const lab = new DockerLab(world);
  let before: Snapshot;
  let segment: string;
  let pool: string[];
  const web = () => `${segment}.60`;

  const ip = (...lines: string[]) =>
    world.node.machine.must('ip', ['-batch', '-'], { input: lines.map((line) => `${line}\n`).join('') });
  const own = () => `${world.node.machine.address}/24`;
  const routed = () => `route replace default via ${world.outside.address}`;
  /** An administrator makes the interface a port of a bridge, and the node's address moves there; and back. */
  const plug = () =>
    ip(
      'link add br0 type bridge',
      'addr flush dev uplink',
      'link set uplink master br0',
      `addr add ${own()} dev br0`,
      'link set br0 up',
      routed(),
    );
  const unplug = () => ip('link del br0', `addr add ${own()} dev uplink`, routed());
  const rename = (from: string, to: string) =>
    ip(`link set ${from} down`, `link set ${from} name ${to}`, `link set ${to} up`, routed());

  const reached = async () => {
    const { outside, node } = world;
    const answers = async () =>
      (await outside.get(`http://${web()}/`)) !== undefined &&
      (await node.machine.get(`http://${web()}/`)) !== undefined;
    await waitFor(answers, { ms: 20_000, every: 200, what: 'the container answers outside and to its node' });
  };
  const problem = async () =>
    (JSON.parse(await world.node.must(['network', 'inspect', 'lan'])) as { problem?: string; uplink: string }[])[0]!;
  /** Everywhere where a person looks. */
  const says = async (text: RegExp) => {
    await waitFor(async () => text.test((await problem()).problem ?? ''), {
      ms: 10_000,
      every: 100,
      what: `${text} is said`,
    });
    expect((await world.node.skep(['doctor'])).stdout).toMatch(text);
    expect((await world.node.docker(['info'])).stderr).toMatch(text);
    expect(await world.node.log()).toMatch(text);
  };
  const quiet = () =>
    waitFor(async () => (await problem()).problem === undefined, { ms: 40_000, every: 100, what: 'all is well' });
  const kill = async () => {
    const pid = await killPart(world.node, 'agent');
    expect(pid).toBeDefined();
    const back = async () => (await world.node.info().catch(() => undefined))?.resolver === 'up';
    await waitFor(back, { ms: 20_000, every: 100, what: 'the agent is back' });
  };
  const start = async (driver: string) => {
    await lab.docker('network', 'create', '-d', driver, ...pool, 'lan');
    await lab.serve('web', '--network=lan', `--ip=${web()}`);
    await reached();
  };
  const clear = async () => {
    await lab.docker('rm', '-f', 'web');
    await lab.docker('network', 'rm', 'lan');
  };

  beforeAll(async () => {
    segment = world.outside.address.split('.').slice(0, 3).join('.');
    pool = ['--subnet', `${segment}.0/24`, '--gateway', world.outside.address];
    await world.outside.must('ip', ['-batch', '-'], {
      input: `link add port90 type veth peer name second netns ${world.node.machine.name}\nlink set port90 master switch up\n`,
    });
    await ip('link set second up');
    before = await world.node.settled();
  });

  // So that one failure is not the next test's, too.
  afterEach(async () => {
    const { node } = world;
    await node.docker(['rm', '-f', 'web']);
    await node.docker(['network', 'rm', 'lan', 'two']);
    const names = (JSON.parse(await node.machine.must('ip', ['-j', 'link'])) as { ifname: string }[]).map(
      ({ ifname }) => ifname,
    );
    if (names.includes('lan9')) await rename('lan9', 'uplink');
    if (names.includes('br0')) await unplug();
  });

  it('transparent uses an existing switch; where that is deleted it says so, and rescan moves on', async () => {
    await plug();
    await start('transparent');
    expect((await problem()).uplink).toBe('br0');
    // Another network on that switch: another interface is the way out.
    expect(await lab.refusal('network', 'create', '-d', 'transparent', ...pool, 'two')).toContain(
      `interface br0 is in use by network lan: one network for each interface and VLAN; choose another interface with -o ${SHIM}.interface=NAME`,
    );
    await lab.docker('network', 'create', '-d', 'transparent', ...pool, '-o', `${SHIM}.interface=second`, 'two');
    await lab.docker('network', 'rm', 'two');

    await unplug();
    await says(/network lan: interface br0 is gone; .*uplink.*bring it back under this name, or .*skep network rescan/);
    await kill();
    await says(/network lan: interface br0 is gone/);
    const said = await world.node.must(['network', 'rescan']);
    expect(said).toContain('network lan: moved from br0 to uplink');
    expect(said).toMatch(/^uplink +veth +up +\S+ +lan$/m);
    await reached();
    await quiet();
    expect((await problem()).uplink).toBe('uplink');
    await clear();
  });

  it('transparent on a switch that is deleted and made again, the agent killed meanwhile, needs nothing', async () => {
    await plug();
    await start('transparent');
    await unplug();
    await says(/network lan: interface br0 is gone/);
    await kill();
    await plug();
    await reached();
    await quiet();
    await clear();
    await unplug();
  });

  it.each(['transparent', 'l2bridge'])(
    '%s: an uplink that goes down and comes up, also without the agent',
    async (driver) => {
      await start(driver);
      for (const killed of [false, true]) {
        await ip('link set uplink down');
        if (killed) await kill();
        await ip('link set uplink up', routed());
        await reached();
        await quiet();
      }
      await clear();
    },
  );

  it.each(['transparent', 'l2bridge'])(
    '%s: an uplink of another name is said, and followed with rescan or back',
    async (driver) => {
      await start(driver);
      await rename('uplink', 'lan9');
      await says(/network lan: interface uplink is gone; .*lan9.*skep network rescan/);
      await kill();
      await says(/network lan: interface uplink is gone/);
      expect(await world.node.must(['network', 'rescan'])).toContain('network lan: moved from uplink to lan9');
      await reached();
      await quiet();
      await rename('lan9', 'uplink');
      await says(/network lan: interface lan9 is gone/);
      expect(await world.node.must(['network', 'rescan'])).toContain('network lan: moved from lan9 to uplink');
      await reached();
      await quiet();
      await clear();
    },
  );

  it('leaves nothing behind', async () => {
    expect(await world.node.returnsTo(before)).toEqual(before);
  });
});
