import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { DEMO_IMAGE } from './harness/image.js';
import { type Placed, Swarm } from './harness/swarm.js';
import { answerUdp, sayByUdp, UdpConversation } from './harness/udp.js';
import { useWorld } from './harness/world.js';

const PORT = 5353;
/** A replica that died is out of all answers within 1 s; machines that run tests are busy. Milliseconds. */
const SOON = 3_000;
const anybody = () => true;

describe('conversations by UDP, always from one port', () => {
  const world = useWorld(2);
  let swarm: Swarm;
  let client: Placed;
  let replicas: Placed[];
  let talk: UdpConversation;

  beforeAll(async () => {
    swarm = await Swarm.found(world.nodes);
    await swarm.docker('network', 'create', '-d', 'overlay', 'wide');
    await swarm.service('client', 1, ['--network', 'wide', '--constraint', `node.id==${swarm.id(0)}`], 'idle');
    // Replicas only become fewer: one that starts later has nobody in it who answers.
    const published = ['-p', `8053:${PORT}/udp`, '--restart-condition', 'none'];
    await swarm.service('echo', 4, ['--network', 'wide', ...published], 'idle');
    client = (await swarm.settled('client', 1))[0]!;
    replicas = await swarm.settled('echo', 4);
    for (const { pid, name } of replicas) await answerUdp(pid, PORT, name);
  });
  afterEach(() => talk?.stop());

  /** Kills the replica that answers; the next answer is another one's. */
  async function loses(): Promise<void> {
    const { by } = await talk.answeredBy(anybody);
    // It has been the same all the time: there is one conversation.
    await talk.answeredBy(anybody, Date.now() + 500);
    expect(new Set(talk.answers.map((each) => each.by))).toEqual(new Set([by]));
    const victim = replicas.find(({ name }) => name === by)!;
    const killed = Date.now();
    process.kill(victim.pid, 'SIGKILL');
    const next = await talk.answeredBy((name) => name !== by, killed);
    expect(next.at - killed).toBeLessThan(SOON);
    replicas = replicas.filter((each) => each !== victim);
  }

  it('by a virtual address: when the replica that answers is killed, another one does', async () => {
    const format = '{{range .Endpoint.VirtualIPs}}{{.Addr}} {{end}}';
    const given = await swarm.docker('service', 'inspect', 'echo', '--format', format);
    const vip = given
      .split(' ')
      .map((each) => each.split('/')[0]!)
      .find((each) => !each.startsWith('10.0.0.'))!;
    talk = UdpConversation.start(client.node.sandboxPath(client.id), vip, PORT);
    await loses();
  });

  it('by a port that is published on every node: the same', async () => {
    talk = UdpConversation.start(world.outside.path, world.nodes[1]!.machine.address, 8053);
    await loses();
  });

  it('when replicas are to end: all that is sent meanwhile is answered, by those that stay', async () => {
    talk = UdpConversation.start(world.outside.path, world.nodes[0]!.machine.address, 8053);
    await talk.answeredBy(anybody);
    await swarm.docker('service', 'scale', '--detach', 'echo=1');
    const [left] = await swarm.settled('echo', 1);
    const since = Date.now();
    await talk.answeredBy(anybody, since);
    expect(new Set(talk.answers.filter(({ at }) => at >= since).map(({ by }) => by))).toEqual(new Set([left!.name]));
    // Less than a second.
    expect(talk.longestSilence()).toBeLessThan(50);
  });

  /** The first process of a container whose port is published, and who answers there is in it. */
  async function run(name: string, ip: string, port: string, answers = true): Promise<number> {
    const { node } = world;
    const where = ['--network', 'one', '--ip', ip, '-p', `${port}/udp`];
    const id = (await node.mustDocker(['run', '-d', '--name', name, ...where, DEMO_IMAGE, 'idle'])).trim();
    const pid = Number(await node.mustDocker(['inspect', '--format', '{{.State.Pid}}', id]));
    if (answers) await answerUdp(pid, Number(port.split(':')[1]), name);
    return pid;
  }

  it('with a container’s port: also when it was replaced by one with another address, and while there was none', async () => {
    const { node } = world;
    await node.mustDocker(['network', 'create', '--subnet', '172.20.0.0/24', 'one']);
    talk = UdpConversation.start(world.outside.path, node.machine.address, 9053);
    for (const [name, ip] of [
      ['first', '172.20.0.10'],
      ['second', '172.20.0.11'],
    ] as const) {
      await run(name, ip, `9053:${PORT}`);
      await talk.answeredBy((by) => by === name, 0, SOON);
      await node.mustDocker(['rm', '-f', name]);
    }
  });

  it('with a container’s port from which it spoke first: its successor hears who goes on speaking', async () => {
    const { node, outside } = world;
    const [port, own] = [9054, 9055];
    const pid = await run('caller', '172.20.0.20', `${port}:${port}`, false);
    await sayByUdp(pid, port, { address: outside.address, port: own });
    await answerUdp(pid, port, 'caller');
    talk = UdpConversation.start(outside.path, node.machine.address, port, own);
    await talk.answeredBy((by) => by === 'caller');
    await node.mustDocker(['rm', '-f', 'caller']);
    await run('successor', '172.20.0.21', `${port}:${port}`);
    await talk.answeredBy((by) => by === 'successor', 0, SOON);
  });
});
