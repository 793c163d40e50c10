import { beforeAll, describe, expect, it } from 'vitest';
import { waitFor } from '#lib/common';
import { DEMO_IMAGE } from './harness/image.js';
import { Swarm, tasksOn, type Placed } from './harness/swarm.js';
import { useWorld } from './harness/world.js';

describe('services of a swarm, by the docker CLI', () => {
  const world = useWorld(2, (_, index) => ({ config: { labels: [`disk=${index === 1 ? 'ssd' : 'hdd'}`] } }));
  let swarm: Swarm;

  const create = (...args: string[]) => swarm.docker('service', 'create', '-d', '--no-resolve-image', ...args);
  const listed = async (name: string) =>
    swarm.docker('service', 'ls', '--filter', `name=${name}`, '--format', '{{.Mode}} {{.Replicas}}');
  const shown = async (name: string, format: string) =>
    (await swarm.docker('service', 'ps', '--no-trunc', '--format', format, name)).split('\n');

  beforeAll(async () => {
    swarm = await Swarm.found(world.nodes);
  });

  it('run jobs to their completion, so many at a time, and once on each node', async () => {
    const job = ['--name', 'job', '--mode', 'replicated-job', '--replicas', '4', '--max-concurrent', '2'];
    // Not detached: it waits for the job's end.
    await swarm.docker('service', 'create', '--no-resolve-image', ...job, DEMO_IMAGE, 'sleep', '0.1');
    await create('--name', 'each', '--mode', 'global-job', DEMO_IMAGE, 'true');
    const done = async () => `${await listed('job')}, ${await listed('each')}`;
    let last = '';
    const complete = async () => {
      last = await done();
      return last === 'replicated job 0/2 (4/4 completed), global job 0/0 (2/2 completed)';
    };
    await waitFor(complete, { ms: 60_000, every: 300, what: 'both jobs are done' }).catch((error: Error) => {
      throw new Error(`${error.message}: ${last}`);
    });
    expect((await shown('job', '{{.CurrentState}}')).map((state) => state.split(' ')[0])).toEqual(
      Array.from({ length: 4 }, () => 'Complete'),
    );
    // Not detached either: it waits for the end of another run.
    await swarm.docker('service', 'update', '--no-resolve-image', '--label-add', 'seen=yes', 'job');
    expect(await shown('job', '{{.CurrentState}}')).toHaveLength(8);
    await swarm.docker('service', 'rm', 'job', 'each');
  });

  it('fill in what a task is and where it runs', async () => {
    const env = ['--env', 'AT={{.Node.Hostname}} {{.Node.ID}} {{.Service.Name}}.{{.Task.Slot}}'];
    const platform = '{{.Node.Platform.OS}} {{.Service.Labels.tier}} {{index .Service.Labels "a.b"}}';
    env.push('--env', `ON=${platform}`, '--label', 'tier=front', '--label', 'a.b=dotted');
    const mount = ['--mount', 'type=volume,source=of-{{.Task.Slot}},target=/data'];
    await create(
      '--name',
      'where',
      '--replicas',
      '2',
      '--hostname',
      'h-{{.Task.Slot}}',
      ...env,
      ...mount,
      DEMO_IMAGE,
      'idle',
    );
    const placed = await swarm.settled('where', 2);
    for (const { node, name } of placed) {
      const slot = name.split('.')[1]!;
      const info = JSON.parse(await node.mustDocker(['info', '--format', '{{json .}}'])) as {
        Name: string;
        Swarm: { NodeID: string };
      };
      const said = await node.mustDocker(['exec', name, 'sh', '-c', 'hostname; echo "$AT"; echo "$ON"']);
      expect(said.trim().split('\n')).toEqual([
        `h-${slot}`,
        `${info.Name} ${info.Swarm.NodeID} where.${slot}`,
        'linux front dotted',
      ]);
      expect(await node.mustDocker(['volume', 'ls', '-q'])).toContain(`of-${slot}`);
    }
    await expect(create('--env', 'A={{.Node.Colour}}', DEMO_IMAGE, 'idle')).rejects.toThrow('{{.Node.Colour}}');
    // The client asks for what it shows with defaults.
    const pretty = await swarm.docker('service', 'inspect', '--pretty', 'where');
    expect(pretty).toMatch(/UpdateConfig:\n Parallelism:\s+1\n On failure:\s+pause\n Monitoring Period: 5s\n/);
    await swarm.docker('service', 'rm', 'where');
  });

  it('have volumes as their mounts describe them, or say why not', async () => {
    const described = 'volume-opt=type=tmpfs,volume-opt=device=tmpfs,volume-label=tier=fast';
    const mounted = ['--mount', `type=volume,source=fast,target=/data,volume-driver=local,${described}`];
    await create('--name', 'mounted', ...mounted, DEMO_IMAGE, 'idle');
    const [{ node, name }] = (await swarm.settled('mounted', 1)) as [Placed];
    expect(await node.mustDocker(['exec', name, 'cat', '/proc/mounts'])).toMatch(/^\S+ \/data tmpfs /m);
    const shownAs = ['--format', '{{json .Options}} {{json .Labels}}'];
    expect((await node.mustDocker(['volume', 'inspect', 'fast', ...shownAs])).trim()).toBe(
      '{"device":"tmpfs","type":"tmpfs"} {"tier":"fast"}',
    );
    const driver = 'type=volume,source=far,target=/data,volume-driver=nowhere';
    await create('--name', 'far', '--restart-condition', 'none', '--mount', driver, DEMO_IMAGE, 'idle');
    const why = async () => (await shown('far', '{{.CurrentState}} {{.Error}}'))[0]!;
    await waitFor(async () => (await why()).startsWith('Rejected'), { ms: 30_000, every: 300, what: 'it is rejected' });
    expect(await why()).toContain('plugin "nowhere" not found');
    await swarm.docker('service', 'rm', 'mounted', 'far');
  });

  it('are on the network of their nodes, by docker’s own words for it', async () => {
    await create('--name', 'seen', '--mode', 'global', '--network', 'host', DEMO_IMAGE, 'serve');
    for (const { machine } of world.nodes) {
      const at = `http://${machine.address}/`;
      await waitFor(() => world.outside.get(at), { ms: 60_000, every: 200, what: `an answer from ${at}` });
    }
    expect(await swarm.docker('service', 'inspect', '--pretty', 'seen')).toMatch(/^Networks:\s+host/m);
    const published = ['--network', 'host', '--publish', '8090:80'];
    await expect(create('--name', 'both', ...published, DEMO_IMAGE, 'serve')).rejects.toThrow(
      'cannot be disconnected from host network',
    );
    await swarm.docker('service', 'rm', 'seen');
  });

  it('publish on a port that the node chooses, and show it', async () => {
    await create('--name', 'chosen', '--mode', 'global', '--publish', 'mode=host,target=80', DEMO_IMAGE, 'serve');
    await swarm.settled('chosen', 2);
    // The nodes have one name here.
    const ports = async () => {
      const told = (await shown('chosen', '{{.Ports}}')).flatMap((each) => /\*:(\d+)->80\/tcp/.exec(each)?.[1] ?? []);
      return told.length === 2 && told;
    };
    const chosen = await waitFor(ports, {
      ms: 20_000,
      every: 200,
      what: 'both nodes to say which port they have chosen',
    });
    for (const { machine } of world.nodes) {
      const answers = async () => {
        const asked = chosen.map((port) => world.outside.get(`http://${machine.address}:${port}/`));
        return (await Promise.all(asked)).some(Boolean);
      };
      await waitFor(answers, {
        ms: 20_000,
        every: 200,
        what: `an answer from ${machine.address} by ${chosen.join(' or ')}`,
      });
    }
    await swarm.docker('service', 'rm', 'chosen');
  });

  it('have links as the options of their network say', async () => {
    await swarm.docker('network', 'create', '-d', 'overlay', 'tuned');
    const endpoint = 'com.docker.network.endpoint';
    const options = [`${endpoint}.ifname=lan0`, `${endpoint}.sysctls=net.ipv4.conf.IFNAME.log_martians=1`];
    const network = ['name=tuned', ...options.map((option) => `driver-opt=${option}`)].join(',');
    await create('--name', 'tuned', '--network', network, DEMO_IMAGE, 'idle');
    const [{ node, name }] = (await swarm.settled('tuned', 1)) as [Placed];
    expect((await node.mustDocker(['exec', name, 'cat', '/proc/sys/net/ipv4/conf/lan0/log_martians'])).trim()).toBe(
      '1',
    );
    await swarm.docker('service', 'rm', 'tuned');
    await swarm.docker('network', 'rm', 'tuned');
  });

  it('go by the labels that nodes are configured with', async () => {
    await create('--name', 'near', '--constraint', 'engine.labels.disk==ssd', DEMO_IMAGE, 'idle');
    const [{ node }] = (await swarm.settled('near', 1)) as [Placed];
    expect(node).toBe(world.nodes[1]);
    expect((await node.mustDocker(['info', '--format', '{{.Labels}}'])).trim()).toBe('[disk=ssd]');
    await swarm.docker('service', 'rm', 'near');
  });

  it('say why a task is not further: a full subnet, a constraint, resources', async () => {
    // Six addresses: the gateway, the service’s own, four tasks.
    await swarm.docker('network', 'create', '-d', 'overlay', '--subnet', '10.77.0.0/29', 'tiny');
    await create('--name', 'full', '--network', 'tiny', '--replicas', '6', DEMO_IMAGE, 'idle');
    await create('--name', 'nowhere', '--constraint', 'node.labels.zone==x', DEMO_IMAGE, 'idle');
    await create('--name', 'big', '--reserve-memory', '900GB', DEMO_IMAGE, 'idle');
    const running = async () => (await Promise.all(world.nodes.map(tasksOn))).flat().length;
    await waitFor(async () => (await running()) === 4, { ms: 60_000, every: 300, what: 'four tasks run' });
    const full = await shown('full', '{{.CurrentState}} | {{.Error}}');
    const waiting = full.filter((line) => line.startsWith('New'));
    expect(waiting).toHaveLength(2);
    for (const line of waiting) expect(line).toMatch(/10\.77\.0\.0\/29/);
    expect((await shown('nowhere', '{{.Error}}'))[0]).toContain('scheduling constraints not satisfied on 2 nodes');
    expect((await shown('big', '{{.Error}}'))[0]).toContain('insufficient resources on 2 nodes');
    await swarm.docker('service', 'rm', 'full', 'nowhere', 'big');
  });

  it('say why an image does not come, and go on to ask its registry', async () => {
    await create('--name', 'away', '127.0.0.1:9/app:1');
    const why = /Preparing .* \| .*127\.0\.0\.1:9\/app:1: the registry cannot be reached/;
    const told = async () => (await shown('away', '{{.CurrentState}} | {{.Error}}')).some((line) => why.test(line));
    await waitFor(told, { ms: 60_000, every: 300, what: 'the reason' });
    await swarm.docker('service', 'rm', 'away');
  });

  it('are told of by docker events, and so are nodes and secrets', async () => {
    const since = String(Date.now() / 1000);
    const range = () => ['--since', since, '--until', String(Date.now() / 1000)];
    const format = ['--format', '{{.Type}} {{.Action}} {{.Scope}} {{json .Actor.Attributes}}'];
    const told = async (...filters: string[]) => {
      const asked = filters.flatMap((filter) => ['--filter', filter]);
      return (await swarm.docker('events', ...range(), ...asked, ...format)).split('\n').filter(Boolean);
    };
    const until = (line: string, ...filters: string[]) =>
      waitFor(async () => (await told(...filters)).includes(line) && told(...filters), {
        ms: 10_000,
        every: 100,
        what: `docker events tells: ${line}`,
      });
    await create('--name', 'told', DEMO_IMAGE, 'idle');
    await swarm.docker('service', 'scale', '-d', 'told=2');
    await swarm.docker('service', 'rm', 'told');
    const removed = 'service remove swarm {"name":"told"}';
    const ofServices = await until(removed, 'type=service', 'service=told');
    expect([ofServices[0], ofServices.at(-1)]).toEqual(['service create swarm {"name":"told"}', removed]);
    expect(ofServices).toContain('service update swarm {"name":"told","replicas.new":"2","replicas.old":"1"}');
    expect(await told('scope=swarm', 'service=told')).toEqual(ofServices);

    const worker = (await swarm.docker('node', 'inspect', '--format', '{{.Description.Hostname}}', swarm.id(1))).trim();
    await swarm.docker('node', 'update', '--availability', 'pause', swarm.id(1));
    const paused = `{"availability.new":"pause","availability.old":"active","name":"${worker}"}`;
    await until(`node update swarm ${paused}`, `node=${swarm.id(1)}`, 'event=update');
    await swarm.docker('node', 'update', '--availability', 'active', swarm.id(1));

    await swarm.manager.mustDocker(['secret', 'create', 'told', '-'], { input: 'x' });
    await swarm.docker('secret', 'rm', 'told');
    await until('secret remove swarm {"name":"told"}', 'secret=told');
    // Nobody but a manager knows.
    const elsewhere = ['events', ...range(), '--filter', 'scope=swarm'];
    expect(await world.nodes[1]!.mustDocker(elsewhere)).toBe('');
  });
});
