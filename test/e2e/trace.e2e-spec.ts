import { spawn } from 'node:child_process';
import { beforeAll, describe, expect, it } from 'vitest';
import { waitFor } from '#lib/common';
import { DEMO_IMAGE } from './harness/image.js';
import { useWorld } from './harness/world.js';

describe('skep trace', () => {
  const world = useWorld();
  const run = (name: string, network: string, ...more: string[]) =>
    world.node.mustDocker(['run', '-d', '--name', name, '--network', network, ...more, DEMO_IMAGE, 'serve']);
  /** What it says last, and that traffic agrees: `wget` from the same container to the same place. */
  const trace = async (from: string, to: string) => {
    const { code, stdout } = await world.node.skep(['trace', from, to]);
    const fetched = await world.node.docker(['exec', from, 'timeout', '2', 'wget', '-q', '-O', '-', `http://${to}/`]);
    return { reached: code === 0, stdout, fetched: fetched.code === 0 };
  };

  beforeAll(async () => {
    await world.node.mustDocker(['network', 'create', 'front']);
    await world.node.mustDocker(['network', 'create', 'back']);
    await world.node.mustDocker(['network', 'create', '--internal', 'dark']);
    // What is broken inside of them stays so until it is mended here.
    await run('web', 'front', '--cap-add', 'NET_ADMIN');
    await run('db', 'front', '--cap-add', 'NET_ADMIN');
    await run('far', 'back', '-p', '8080:80');
    await run('inner', 'dark');
    await run('ended', 'front');
    await world.node.mustDocker(['run', '-d', '--name', 'onhost', '--network', 'host', DEMO_IMAGE, 'idle']);
    await world.node.mustDocker(['stop', '-t', '0', 'ended']);
  });

  it.each([
    ['db', 'db:80'],
    ['a published port', ':8080'],
  ])('says that %s is reached', async (_what, to) => {
    const found = await trace('web', to.startsWith(':') ? world.node.machine.address + to : to);
    expect(found, found.stdout).toMatchObject({ reached: true, fetched: true });
    expect(found.stdout).toMatch(/ok {2}listener/);
  });

  it('follows what a container in the namespace of the node reaches by that', async () => {
    const { address } = world.node.machine;
    const at = (name: string) =>
      world.node.mustDocker(['inspect', '-f', '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}', name]);
    const near = await Promise.all(['db', 'inner'].map(at));
    for (const to of [...near.map((each) => each.trim()), '127.0.0.1:8080', `${address}:8080`]) {
      const found = await trace('onhost', to.includes(':') ? to : `${to}:80`);
      expect(found, found.stdout).toMatchObject({ reached: true, fetched: true });
    }
    const nowhere = await trace('onhost', '127.0.0.1:8081');
    expect(nowhere, nowhere.stdout).toMatchObject({ reached: false, fetched: false });
    expect(nowhere.stdout).toContain('no container publishes port 8081/tcp at 127.0.0.1');
  });

  it('says where nobody is, and what of the node listens for itself alone', async () => {
    const gateway = (
      await world.node.mustDocker(['network', 'inspect', '-f', '{{(index .IPAM.Config 0).Gateway}}', 'front'])
    ).trim();
    const vacant = gateway.replace(/\d+$/, '200');
    const nobody = await trace('web', `${vacant}:80`);
    expect(nobody, nobody.stdout).toMatchObject({ reached: false, fetched: false });
    expect(nobody.stdout).toContain(`no container on front (nat) has ${vacant}`);
    const listening = ['busybox', 'httpd', '-f', '-p', '127.0.0.1:8090'];
    const [enter, ...args] = ['nsenter', ...world.node.machine.entry, ...listening];
    const server = spawn(enter!, args, { stdio: 'ignore' });
    try {
      const local = () => world.node.skep(['trace', 'onhost', '127.0.0.1:8090']);
      await waitFor(async () => (await local()).code === 0, { ms: 10_000, every: 100, what: 'it listens' });
      const remote = await trace('web', `${world.node.machine.address}:8090`);
      expect(remote, remote.stdout).toMatchObject({ reached: false, fetched: false });
      expect(remote.stdout).toContain('a process of this node listens at 127.0.0.1 port 8090/tcp only');
    } finally {
      server.kill();
    }
  });

  it.each([
    ['web', 'dbb:80', 'no such name: nobody on this node is called dbb', 'did you mean db?'],
    [
      'web',
      'far:80',
      'web and far share no network: web is on front, far is on back',
      'docker network connect back web',
    ],
    ['web', 'ended:80', 'ended does not run: it ended with code', 'docker start ended'],
    ['web', 'db:81', 'nothing in db listens at 81/tcp', 'it listens at 80/tcp'],
    [
      'inner',
      '192.0.2.1:80',
      'inner has no route to 192.0.2.1: dark is internal',
      'docker network connect NETWORK inner',
    ],
  ])('says why %s does not reach %s', async (from, to, says, advice) => {
    const found = await trace(from, to);
    expect(found, found.stdout).toMatchObject({ reached: false, fetched: false });
    expect(found.stdout).toContain(`NO  `);
    expect(found.stdout).toContain(says);
    expect(found.stdout).toContain(advice);
  });

  describe('what somebody broke in the kernel', () => {
    const machine = (command: string, ...args: string[]) => world.node.machine.must(command, args);
    const inside = (id: string, ...args: string[]) => world.node.inSandbox(id, 'ip', args);
    let web: string;
    let db: string;
    let gateway: string;

    beforeAll(async () => {
      [web, db] = (await Promise.all(
        ['web', 'db'].map((name) => world.node.mustDocker(['inspect', '-f', '{{.Id}}', name])),
      ).then((all) => all.map((id) => id.trim()))) as [string, string];
      gateway = (await inside(web, 'route', 'show', 'default')).match(/via (\S+)/)![1]!;
    });

    /** Breaks it, sees it named, mends it, and sees that it is well again. */
    const names = async (
      to: string,
      says: RegExp,
      breakIt: () => Promise<unknown>,
      mend: () => Promise<unknown>,
      advice: RegExp = /./,
    ) => {
      await breakIt();
      const broken = await trace('web', to);
      await mend();
      expect(broken, broken.stdout).toMatchObject({ reached: false, fetched: false });
      expect(broken.stdout).toMatch(says);
      expect(broken.stdout.split('\n').find((line) => line.startsWith('  ->'))).toMatch(advice);
      const well = await trace('web', to);
      expect(well, well.stdout).toMatchObject({ reached: true, fetched: true });
    };

    it.each(['web', 'db'])('the link of %s is down', async (name) => {
      const id = name === 'web' ? web : db;
      await names(
        'db:80',
        new RegExp(`NO +link +eth0, by which ${name} is on front, is down`),
        () => inside(id, 'link', 'set', 'eth0', 'down'),
        async () => {
          await inside(id, 'link', 'set', 'eth0', 'up');
          // The kernel has dropped it with the link.
          await inside(id, 'route', 'replace', 'default', 'via', gateway);
        },
        /ip link set eth0 up/,
      );
    });

    it('an address is gone', async () => {
      const address = (await inside(db, '-o', '-4', 'addr', 'show', 'eth0')).match(/inet (\S+)/)![1]!;
      await names(
        'db:80',
        /NO +(link|listener) .*(eth0 of db has lost its address|listens at)/,
        () => inside(db, 'addr', 'del', address, 'dev', 'eth0'),
        () => inside(db, 'addr', 'add', address, 'dev', 'eth0'),
      );
    });

    it('the route outside is gone', async () => {
      const published = `${world.node.machine.address}:8080`;
      await names(
        published,
        /NO +route +web has no route to/,
        () => inside(web, 'route', 'del', 'default'),
        () => inside(web, 'route', 'add', 'default', 'via', gateway),
      );
    });

    it("somebody else's firewall drops what is forwarded, and lets it pass by a rule", async () => {
      const published = `${world.node.machine.address}:8080`;
      const warnings = () => world.node.mustDocker(['info', '--format', '{{json .Warnings}}']);
      await names(
        published,
        /NO +rules +the policy of chain ip guard FORWARD drops it, which is not of skep/,
        async () => {
          await machine('nft', 'add table ip guard');
          await machine('nft', 'add chain ip guard FORWARD { type filter hook forward priority 0; policy drop; }');
          await machine('nft', 'add rule ip guard FORWARD ct state established,related accept');
          expect(await warnings()).toMatch(/networks .*front.* ip guard FORWARD drops by default/);
        },
        async () => {
          await machine('nft', 'add rule ip guard FORWARD iifname "sk*" accept');
          await machine('nft', 'add rule ip guard FORWARD oifname "sk*" accept');
          expect(await warnings()).not.toContain('drops by default');
        },
        /nft add rule ip guard FORWARD iifname \S+ oifname \S+ accept/,
      );
      await machine('nft', 'delete table ip guard');
    });

    it('a rule of somebody else for bridges', async () => {
      await names(
        'db:80',
        /NO +rules +a rule of chain bridge guard FORWARD \(handle \d+\) drops it/,
        async () => {
          await machine('nft', 'add table bridge guard');
          await machine('nft', 'add chain bridge guard FORWARD { type filter hook forward priority 0; }');
          await machine('nft', 'add rule bridge guard FORWARD tcp dport 80 drop');
        },
        () => machine('nft', 'delete table bridge guard'),
        /nft delete rule bridge guard FORWARD handle \d+/,
      );
    });
  });

  it('answers as JSON, and in words what it does not know', async () => {
    const found = JSON.parse(await world.node.must(['trace', 'web', 'db', '--format', 'json']));
    expect(found).toMatchObject({ from: 'web', to: 'db', reached: true, checks: expect.any(Array) });
    expect((await world.node.skep(['trace', 'nobody', 'db'])).stderr).toContain('No such container: nobody');
  });
});
