import { describe, expect, it } from 'vitest';
import { freshStatus, type Container, type ContainerStatus, type ObservedContainer } from '#lib/domain';
import { plan } from './plan.js';
import {
  names,
  NOW,
  network,
  container,
  desired,
  observed,
  settled,
  statusesOf,
  kinds,
  find,
} from './testing/fixtures.js';

describe('plan', () => {
  const front = network('front');

  it('makes the namespace of a build, and nothing in the engine', () => {
    const build = container('build', [front], { target: 'created', sandboxOnly: true });
    const next = plan(desired({ networks: [front], containers: [build] }), observed({}));
    expect(kinds(next)).toEqual(['dns.attach', 'network.ensure', 'sandbox.ensure']);
  });

  it('makes a network and a container from nothing, in order', () => {
    const web = container('web', [front]);
    const next = plan(desired({ networks: [front], containers: [web] }), observed({ rulesCurrent: false }));
    expect(kinds(next)).toEqual([
      'container.create',
      'container.start',
      'dns.attach',
      'network.ensure',
      'rules.apply',
      'sandbox.ensure',
    ]);
    expect(find(next, 'sandbox.ensure')?.after).toEqual([`network.ensure ${front.id}`, 'rules.apply node']);
    expect(find(next, 'container.start')?.after.toSorted()).toEqual([
      `container.create ${web.id}`,
      `dns.attach ${web.id}`,
      'rules.apply node',
      `sandbox.ensure ${web.id}`,
    ]);
  });

  it('makes a network in the place of another one when that is gone', () => {
    const old = network('old', { target: 'removed' });
    const next = network('next', { follows: [old.id] });
    const [before, after] = [container('web', [old], { target: 'removed' }), container('web', [next], { number: 2 })];
    const state = desired({ networks: [old, next], containers: [before, after] });
    const changing = plan(state, settled({ ...state, networks: [old], containers: [before] }));
    expect(find(changing, 'network.ensure')?.after).toEqual([`network.remove ${old.id}`]);
    expect(find(changing, 'network.remove')?.after).toEqual([`container.forget ${before.id}`]);
    const gone = plan({ ...state, networks: [next], containers: [after] }, observed());
    expect(find(gone, 'network.ensure')?.after).toEqual([]);
  });

  it('gives no step for a world that is as desired', () => {
    const state = desired({ networks: [front], containers: [container('web', [front])] });
    expect(plan(state, settled(state))).toEqual({ steps: [], waiting: [], wakeAt: undefined });
  });

  it('mends a veth that somebody deleted without touching the container', () => {
    const state = desired({ networks: [front], containers: [container('web', [front])] });
    expect(kinds(plan(state, { ...settled(state), endpoints: new Set() }))).toEqual(['sandbox.ensure']);
  });

  describe('what is missing inside the namespace of a container', () => {
    const admin = { spec: { Image: 'demo', HostConfig: { CapAdd: ['NET_ADMIN'] } } };
    const web = container('web', [front]);
    const own = container('own', [front], admin);
    const beside = container('beside', [], { ...admin, networkMode: `container:${web.id}` });
    const lacking = (containers: Container[], states = {}) => {
      const state = desired({ networks: [front], containers });
      return kinds(plan(state, { ...settled(state, states), inside: new Set() }));
    };

    it('is put back', () => expect(lacking([web])).toEqual(['sandbox.ensure']));

    it('is left to it where it may change that itself, or another one in the same namespace', () => {
      expect(lacking([own])).toEqual([]);
      expect(lacking([web, beside])).toEqual([]);
    });

    it('is there before it starts, whatever it may', () => {
      const ended = { state: 'exited', finishedAt: '' } as const;
      expect(lacking([{ ...own, service: 'own' }], { own: ended })).toEqual(['container.start', 'sandbox.ensure']);
    });
  });

  it('starts dependents in the same plan after what they need started, and holds those that need it healthy', () => {
    const check = {
      test: ['CMD', 'true'],
      intervalMs: 1,
      timeoutMs: 1,
      retries: 1,
      startPeriodMs: 0,
      startIntervalMs: 1,
    };
    const db = container('db', [front], { healthcheck: check });
    const depends = (condition: 'service_started' | 'service_healthy') => [
      { service: 'db', condition, required: true, restart: false },
    ];
    const early = container('early', [front], { dependsOn: depends('service_started') });
    const late = container('late', [front], { dependsOn: depends('service_healthy') });
    const next = plan(desired({ networks: [front], containers: [late, early, db] }), observed());
    expect(find(next, 'container.start', early.id)?.after).toContain(`container.start ${db.id}`);
    expect(find(next, 'container.start', late.id)).toBeUndefined();
    expect(next.waiting).toEqual([{ container: late, why: 'waiting for p-db-1 to start', failed: false }]);
  });

  it('lets a dependent go once its dependency is healthy, and says when it never will be', () => {
    const db = container('db', [front], {
      healthcheck: {
        test: ['CMD', 'true'],
        intervalMs: 1,
        timeoutMs: 1,
        retries: 1,
        startPeriodMs: 0,
        startIntervalMs: 1,
      },
    });
    const web = container('web', [front], {
      dependsOn: [{ service: 'db', condition: 'service_healthy', required: true, restart: false }],
    });
    const state = (health: ContainerStatus['health']) =>
      desired({
        networks: [front],
        containers: [web, db],
        statuses: statusesOf({ ...freshStatus(db), health }),
      });
    const world = settled(state('healthy'), { web: { state: 'created' } });
    expect(find(plan(state('healthy'), world), 'container.start', web.id)).toBeDefined();
    expect(plan(state('unhealthy'), world).waiting).toMatchObject([{ why: 'p-db-1 is unhealthy', failed: true }]);
  });

  it('waits for the account of an exit, then for the pause before the restart', () => {
    const web = container('web', [front]);
    const base = desired({ networks: [front], containers: [web] });
    const world = settled(base, { web: { state: 'exited', finishedAt: '2026-01-01T00:00:00Z' } });
    expect(plan(base, world).steps).toEqual([]);
    const accounted = { ...freshStatus(web), endedAt: '2026-01-01T00:00:00Z', restartAt: NOW + 100 };
    expect(plan({ ...base, statuses: statusesOf(accounted) }, world)).toMatchObject({ steps: [], wakeAt: NOW + 100 });
    const due = plan({ ...base, statuses: statusesOf(accounted), now: NOW + 100 }, world);
    expect(kinds(due)).toEqual(['container.start']);
  });

  it('does not wait longer for a restart than it was put off, where the clock was set back', () => {
    const web = container('web', [front]);
    const base = desired({ networks: [front], containers: [web] });
    const world = settled(base, { web: { state: 'exited', finishedAt: '2026-01-01T00:00:00Z' } });
    const stepsAt = (now: number, status: Partial<ContainerStatus>) => {
      const accounted = { ...freshStatus(web), endedAt: '2026-01-01T00:00:00Z', restartAt: NOW, ...status };
      return kinds(plan({ ...base, statuses: statusesOf(accounted), now }, world));
    };
    expect(stepsAt(NOW - 400, { restartWaitMs: 400 })).toEqual([]);
    expect(stepsAt(NOW - 401, { restartWaitMs: 400 })).toEqual(['container.start']);
    expect(stepsAt(NOW - 60_000, {})).toEqual([]);
    expect(stepsAt(NOW - 60_001, {})).toEqual(['container.start']);
  });

  it('starts a container again whose namespace is gone too, once its end is accounted for', () => {
    const web = container('web', [front]);
    const state = desired({ networks: [front], containers: [web] });
    const world = {
      ...settled(state, { web: { state: 'exited', finishedAt: '2026-01-01T00:00:00Z' } }),
      netns: new Set<string>(),
      endpoints: new Set<string>(),
      links: [],
      resolving: new Set<string>(),
    };
    expect(plan(state, world).steps).toEqual([]);
    const statuses = statusesOf({ ...freshStatus(web), endedAt: '2026-01-01T00:00:00Z' });
    expect(kinds(plan({ ...state, statuses }, world))).toEqual(['container.start', 'dns.attach', 'sandbox.ensure']);
  });

  it('frees the sandbox of a container that has ended for good, and leaves the container', () => {
    const job = container('job', [front]);
    const state = desired({
      networks: [front],
      containers: [job],
      statuses: statusesOf({ ...freshStatus(job), finished: true, exitCode: 0 }),
    });
    expect(kinds(plan(state, settled(state, { job: { state: 'exited' } })))).toEqual(['sandbox.remove']);
  });

  it('takes a project down in reverse order and its network last', () => {
    const gone = { target: 'removed' as const };
    const db = container('db', [front], gone);
    const web = container('web', [front], {
      ...gone,
      dependsOn: [{ service: 'db', condition: 'service_started', required: true, restart: false }],
    });
    const state = desired({ networks: [{ ...front, ...gone }], containers: [web, db] });
    const next = plan(state, settled(state));
    expect(find(next, 'container.stop', db.id)?.after).toEqual([`container.stop ${web.id}`]);
    expect(find(next, 'network.remove')?.after).toEqual([`container.forget ${web.id}`, `container.forget ${db.id}`]);
    expect(find(next, 'container.forget', web.id)?.after).toEqual(
      expect.arrayContaining([`container.remove ${web.id}`, `sandbox.remove ${web.id}`]),
    );
  });

  it('takes the address of a container that has ended without waiting for the removal, which may be refused', () => {
    const web = container('web', [front]);
    const up = desired({ networks: [front], containers: [web] });
    const containers: Container[] = [{ ...web, target: 'removed' }];
    const removal = (state: ObservedContainer['state']) => {
      const seen = settled(up);
      const ended = new Map([...seen.containers].map(([id, each]) => [id, { ...each, state }]));
      return find(plan({ ...up, containers }, { ...seen, containers: ended }), 'sandbox.remove', web.id)?.after;
    };
    expect(removal('running')).toContain(`container.remove ${web.id}`);
    expect(removal('exited')).not.toContain(`container.remove ${web.id}`);
  });

  it('makes a container that shares a network namespace after its owner, and removes it before', () => {
    const owner = container('owner', [front]);
    const guest = container('guest', [], { networkMode: `container:${owner.id}` });
    const up = desired({ networks: [front], containers: [guest, owner] });
    expect(find(plan(up, observed()), 'container.create', guest.id)?.after).toContain(`container.create ${owner.id}`);
    const containers = up.containers.map((each): Container => ({ ...each, target: 'removed' }));
    const down = plan({ ...up, containers }, settled(up));
    expect(find(down, 'container.remove', owner.id)?.after).toContain(`container.remove ${guest.id}`);
    expect(find(down, 'container.remove', guest.id)?.after).not.toContain(`container.remove ${owner.id}`);
  });

  it.each(['PidMode', 'IpcMode'])(
    'makes a container after the one that it has its %s from, and removes it before',
    (mode) => {
      const owner = container('owner', [front]);
      const spec = { Image: 'demo', HostConfig: { [mode]: `container:${owner.id}` } };
      const guest = container('guest', [front], { spec });
      const up = desired({ networks: [front], containers: [guest, owner] });
      expect(find(plan(up, observed()), 'container.create', guest.id)?.after).toContain(`container.create ${owner.id}`);
      const containers = up.containers.map((each): Container => ({ ...each, target: 'removed' }));
      const down = plan({ ...up, containers }, settled(up));
      expect(find(down, 'container.remove', owner.id)?.after).toContain(`container.remove ${guest.id}`);
    },
  );

  it.each([
    ['name', (source: Container) => source.name],
    ['id', (source: Container) => source.id],
    ['beginning of its id', (source: Container) => source.id.slice(0, 12)],
  ])('makes a container after those whose volumes it has, by %s, and not after itself', (_what, say) => {
    const source = container('data', [front]);
    const reader = container('reader', [front]);
    const HostConfig = { VolumesFrom: [`${say(source)}:ro`, reader.name] };
    const containers = [{ ...reader, spec: { Image: 'demo', HostConfig } }, source];
    const next = plan(desired({ networks: [front], containers }), observed());
    const after = find(next, 'container.create', reader.id)?.after;
    expect(after?.filter((id) => id.startsWith('container.create'))).toEqual([`container.create ${source.id}`]);
  });

  it('discards what carries our marks and belongs to nothing, and nothing else', () => {
    const stray: ObservedContainer = {
      engineId: 'e9',
      id: '9'.repeat(64),
      name: 'lost',
      state: 'running',
      pid: 3,
      exitCode: 0,
      image: 'demo',
      imageId: 'sha256:1',
      labels: {},
      argv: [],
      mounts: [],
      startedAt: '',
      finishedAt: '',
    };
    const next = plan(
      desired(),
      observed({
        containers: new Map([[stray.id, stray]]),
        netns: new Set([names.netns(stray.id)]),
        links: [`${names.linkPrefix}v12345678`],
      }),
    );
    expect(next.steps.map((step) => step.id)).toEqual([
      'container.discard e9',
      `netns.discard ${names.netns(stray.id)}`,
      `link.discard ${names.linkPrefix}v12345678`,
    ]);
    expect(find(next, 'netns.discard')?.after).toEqual(['container.discard e9']);
  });

  it('keeps a network until the last container on it is forgotten', () => {
    const leaving = { ...front, target: 'removed' as const };
    const web = container('web', [leaving]);
    const state = desired({ networks: [leaving], containers: [web] });
    expect(find(plan(state, settled(state)), 'network.remove')).toBeUndefined();
  });
});
