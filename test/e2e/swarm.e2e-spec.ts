import { beforeAll, describe, expect, it } from 'vitest';
import { waitFor } from '#lib/common';
import { killPart } from './harness/faults.js';
import { DEMO_IMAGE } from './harness/image.js';
import type { TestNode } from './harness/node.js';
import { useWorld } from './harness/world.js';

/** Of the cluster under test. Milliseconds. */
const HEARTBEAT = 1_000;

interface TaskLine {
  name: string;
  node: string;
  desired: string;
  state: string;
}

describe('a swarm of three nodes, by the real docker CLI', () => {
  const world = useWorld(3);
  let manager: TestNode;
  let workers: TestNode[];
  /** ids of the nodes, in the order of `world.nodes` */
  const ids: string[] = [];
  let token: string;

  const docker = async (...args: string[]) => (await manager.mustDocker(args)).trim();
  const idOf = async (node: TestNode) => (await node.mustDocker(['info', '--format', '{{.Swarm.NodeID}}'])).trim();
  const join = (node: TestNode, secret: string) =>
    node.docker(['swarm', 'join', '--token', secret, `${manager.machine.address}:2377`]);

  /** What `docker service ps` shows of tasks that are to run. */
  async function tasks(service: string): Promise<TaskLine[]> {
    const format = '{{.Name}}|{{.Node}}|{{.DesiredState}}|{{.CurrentState}}';
    const text = await docker('service', 'ps', service, '--filter', 'desired-state=running', '--format', format);
    const lines = text.split('\n').filter((line) => line !== '');
    return lines.map((line) => {
      const [name = '', node = '', desired = '', state = ''] = line.split('|');
      return { name, node, desired, state: state.split(' ')[0]!.toLowerCase() };
    });
  }

  const running = (service: string, count: number, ms = 60_000) =>
    waitFor(
      async () => {
        const all = await tasks(service);
        return all.length === count && all.every((task) => task.state === 'running') && all;
      },
      { ms, every: 200, what: `${count} running tasks of ${service}` },
    );

  /** Names of containers that run on a node, by its own word. */
  const containersOn = async (node: TestNode) =>
    (await node.mustDocker(['ps', '--format', '{{.Names}}'])).split('\n').filter((name) => name !== '');

  beforeAll(async () => {
    manager = world.node;
    workers = world.nodes.slice(1);
    await docker('swarm', 'init', '--advertise-addr', manager.machine.address);
    token = await docker('swarm', 'join-token', '--quiet', 'worker');
  });

  it('lets in who has the token, and nobody else', async () => {
    const [first, second] = workers as [TestNode, TestNode];
    const wrongSecret = await join(first, token.replace(/.{5}$/, '00000'));
    expect(wrongSecret.code).not.toBe(0);
    expect(wrongSecret.stderr).toContain('the join token is not valid');
    const wrongRoot = await join(first, token.replace(/^(SWMTKN-1-).{5}/, '$100000'));
    expect(wrongRoot.stderr).toContain('remote CA does not match fingerprint');
    expect((await first.mustDocker(['info', '--format', '{{.Swarm.LocalNodeState}}'])).trim()).toBe('inactive');

    for (const node of [first, second]) expect((await join(node, token)).stderr).toBe('');
    await docker('swarm', 'join-token', '--rotate', 'worker');
    ids.push(...(await Promise.all(world.nodes.map(idOf))));
    const ready = async () =>
      (await docker('node', 'ls', '--format', '{{.ID}} {{.Status}}')).match(/Ready/g)?.length === 3;
    await waitFor(ready, { ms: 20_000, every: 200, what: 'three nodes that are ready' });
    // Followed by those that are there: how soon a node counts as down tells.
    await docker('swarm', 'update', '--dispatcher-heartbeat', `${HEARTBEAT}ms`);
  });

  it('answers about the cluster on the manager only', async () => {
    const { code, stderr } = await workers[0]!.docker(['node', 'ls']);
    expect(code).not.toBe(0);
    expect(stderr).toContain('This node is not a swarm manager.');
    expect(await docker('node', 'inspect', 'self', '--format', '{{.ManagerStatus.Addr}}')).toBe(
      `${manager.machine.address}:2377`,
    );
    const again = await join(workers[0]!, token);
    expect(again.stderr).toContain('already part of a swarm');
    const shown = async (node: TestNode) => /^ {2}update /m.test(await node.mustDocker(['swarm', '--help']));
    expect([await shown(manager), await shown(workers[0]!)]).toEqual([true, false]);
  });

  it('runs a service on all nodes, and says so', async () => {
    await docker(
      'service',
      'create',
      '--no-resolve-image',
      '--detach',
      '--name',
      'web',
      '--replicas',
      '6',
      DEMO_IMAGE,
      'idle',
    );
    await running('web', 6);
    for (const node of world.nodes) expect(await containersOn(node)).toHaveLength(2);
    expect(await docker('service', 'ls', '--format', '{{.Name}} {{.Mode}} {{.Replicas}}')).toBe('web replicated 6/6');
  });

  it('keeps a secret off the disk and gives it to those that use it', async () => {
    await manager.mustDocker(['secret', 'create', 'key', '-'], { input: 'a secret word' });
    const { stdout } = await manager.docker(['secret', 'inspect', 'key']);
    expect(stdout).not.toContain('secret word');
    const create = ['service', 'create', '--no-resolve-image', '--detach', '--name', 'vault', '--secret', 'key'];
    await docker(...create, '--constraint', `node.id==${ids[2]}`, DEMO_IMAGE, 'idle');
    await running('vault', 1);
    const [name] = (await containersOn(workers[1]!)).filter((each) => each.startsWith('vault.'));
    expect(await workers[1]!.mustDocker(['exec', name!, 'cat', '/run/secrets/key'])).toBe('a secret word');
    const { stderr } = await manager.docker(['secret', 'rm', 'key']);
    expect(stderr).toContain("secret 'key' is in use by the following service: vault");
    await docker('service', 'rm', 'vault');
    await waitFor(async () => !(await containersOn(workers[1]!)).some((each) => each.startsWith('vault.')), {
      ms: 20_000,
      what: 'the container of vault to go',
    });
    await docker('secret', 'rm', 'key');
  });

  it('refuses a stale update, and rolls a new spec out', async () => {
    const path = '/services/web';
    const before = await manager.json<{ Version: { Index: number }; Spec: object }>(path);
    const update = [
      'service',
      'update',
      '--no-resolve-image',
      '--detach',
      '--update-parallelism',
      '3',
      '--env-add',
      'A=1',
    ];
    await docker(...update, 'web');
    const stale = manager.api('POST', `${path}/update?version=${before.Version.Index}`, before.Spec);
    await expect(stale).rejects.toThrow('update out of sequence');
    const done = async () =>
      (await docker('service', 'inspect', 'web', '--format', '{{with .UpdateStatus}}{{.State}}{{end}}')) ===
      'completed';
    await waitFor(done, { ms: 90_000, every: 300, what: 'the update to be completed' });
    await running('web', 6);
  });

  it('empties a node that is drained', async () => {
    await docker('node', 'update', '--availability', 'drain', ids[1]!);
    await waitFor(async () => (await containersOn(workers[0]!)).length === 0, {
      ms: 60_000,
      every: 300,
      what: 'an empty node',
    });
    await running('web', 6);
    await docker('node', 'update', '--availability', 'active', ids[1]!);
  });

  it('goes on while the manager is away, and nothing is doubled when it is back', async () => {
    const before = await tasks('web');
    await killPart(manager, 'manager');
    for (const node of world.nodes) await containersOn(node);
    await waitFor(async () => (await manager.docker(['node', 'ls'])).code === 0, {
      ms: 30_000,
      every: 200,
      what: 'the manager to be back',
    });
    await running('web', 6);
    expect((await tasks('web')).map((task) => task.name).sort()).toEqual(before.map((task) => task.name).sort());
    const all = (await Promise.all(world.nodes.map(containersOn))).flat();
    expect(all.filter((name) => name.startsWith('web.'))).toHaveLength(6);
  });

  it('moves what a lost node ran, and does not let it disturb when it is back', async () => {
    const lost = workers[1]!;
    await lost.machine.must('ip', ['link', 'set', 'uplink', 'down']);
    const status = async () => docker('node', 'inspect', ids[2]!, '--format', '{{.Status.State}}');
    await waitFor(async () => (await status()) === 'down', { ms: 30_000, every: 200, what: 'the node to be down' });
    await running('web', 6);
    // It cannot know: what it was assigned goes on.
    expect((await containersOn(lost)).filter((name) => name.startsWith('web.')).length).toBeGreaterThan(0);
    await lost.machine.must('ip', ['link', 'set', 'uplink', 'up']);
    await lost.machine.run('ip', ['route', 'add', 'default', 'via', world.outside.address]);
    await waitFor(async () => (await status()) === 'ready', { ms: 40_000, every: 200, what: 'the node to be back' });
    await waitFor(async () => (await containersOn(lost)).length === 0, {
      ms: 40_000,
      every: 300,
      what: 'what was moved to stop',
    });
    await running('web', 6);
  });

  it('leaves nothing behind', async () => {
    await docker('service', 'rm', 'web');
    for (const node of world.nodes) {
      await waitFor(async () => (await containersOn(node)).length === 0, {
        ms: 30_000,
        every: 300,
        what: 'no container',
      });
    }
    for (const node of workers) await node.mustDocker(['swarm', 'leave']);
    const { stderr } = await manager.docker(['swarm', 'leave']);
    expect(stderr).toContain('Removing the last manager erases all current state');
    await manager.mustDocker(['swarm', 'leave', '--force']);
    expect((await manager.mustDocker(['info', '--format', '{{.Swarm.LocalNodeState}}'])).trim()).toBe('inactive');
  });

  it('is another one when it is founded at once by who has just left', async () => {
    const clusters: string[] = [];
    // The manager of the one before may still be ending: on the same socket and port, and in the same folder.
    for (let round = 0; round < 3; round += 1) {
      await docker('swarm', 'init', '--advertise-addr', manager.machine.address);
      clusters.push(await docker('info', '--format', '{{.Swarm.Cluster.ID}}'));
      expect(await docker('node', 'ls', '--format', '{{.ID}}')).toBe(await idOf(manager));
      await docker('swarm', 'leave', '--force');
    }
    expect(new Set(clusters).size).toBe(3);
  });
});
