import { describe, expect, it } from 'vitest';
import { freshStatus, type Container, type Observed } from '#lib/domain';
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

describe('a container that has time to end what was begun', () => {
  const front = network('front');
  const web = container('web', [front], { target: 'stopped', drainUntil: NOW + 2_000 });
  const of = desired({ networks: [front], containers: [web] });

  it('is let alone until then, and stopped then', () => {
    const next = plan(of, settled(of));
    expect([next.steps, next.wakeAt]).toEqual([[], NOW + 2_000]);
    expect(kinds(plan({ ...of, now: NOW + 2_000 }, settled(of)))).toEqual(['container.stop', 'sandbox.remove']);
  });

  it('has no more time than it was given, where the clock was set back', () => {
    const given = { ...of, containers: [{ ...web, drainMs: 2_000 }] };
    expect(plan({ ...given, now: NOW }, settled(of)).steps).toEqual([]);
    expect(kinds(plan({ ...given, now: NOW - 1 }, settled(of)))).toContain('container.stop');
  });

  it('keeps its names’ server meanwhile, and loses its namespace at once when it has ended', () => {
    expect(kinds(plan(of, { ...settled(of), resolving: new Set() }))).toEqual(['dns.attach']);
    const ended = settled(of, { web: { state: 'exited', finishedAt: 'x' } });
    expect(kinds(plan(of, ended))).toEqual(['sandbox.remove']);
  });

  it('has no time when it is to be removed', () => {
    const removed = { ...of, containers: [{ ...web, target: 'removed' as const }] };
    expect(kinds(plan(removed, settled(of)))).toContain('container.stop');
  });
});

/** Of what the engine has, one container alone. */
const up = ({ containers }: Observed, { id }: Container) => new Map([...containers].filter(([each]) => each === id));

describe('virtual addresses', () => {
  const front = network('front');
  const [web, api] = [container('web', [front]), container('api', [front])];
  const to = (...targets: string[]) => [{ address: '10.0.0.2', to: targets }];
  const want = desired({
    networks: [front],
    containers: [web, api],
    translations: new Map([
      [web.id, to('10.0.0.5')],
      [api.id, to('10.0.0.5')],
    ]),
  });

  it('are in the namespace before the first process runs', () => {
    const next = plan(want, observed({ networks: new Set([front.id]) }));
    expect(find(next, 'translations.apply', web.id)!.after).toEqual([`sandbox.ensure ${web.id}`]);
    expect(find(next, 'container.start', web.id)!.after).toContain(`translations.apply ${web.id}`);
  });

  it('are written where they differ, and nowhere else', () => {
    const there = { translations: new Map([...want.translations, [web.id, to('10.0.0.5', '10.0.0.6')]]) };
    expect(plan(want, { ...settled(want), ...there }).steps).toMatchObject([
      { kind: 'translations.apply', container: { id: web.id }, translations: to('10.0.0.5') },
    ]);
    expect(plan(want, settled(want)).steps).toEqual([]);
    expect(plan({ ...want, translations: new Map() }, settled(want)).steps).toHaveLength(2);
  });

  it('lead nobody here to a container any more when it gets its stop signal', () => {
    const stopping = { ...want, containers: [{ ...web, target: 'stopped' as const }, api] };
    const next = plan(stopping, { ...settled(want), translations: new Map() });
    expect(find(next, 'container.stop')!.after).toContain(`translations.apply ${api.id}`);
  });

  it('hold up no stop in a namespace that is still to be made, or that cannot be mended', () => {
    const stopping = { ...want, containers: [{ ...web, target: 'stopped' as const }, api] };
    const world = { ...settled(want), translations: new Map() };
    const unmade = plan(stopping, {
      ...world,
      netns: new Set([names.netns(web.id)]),
      containers: up(settled(want), web),
    });
    expect(find(unmade, 'translations.apply', api.id)!.after).toEqual([`sandbox.ensure ${api.id}`]);
    expect(find(unmade, 'container.stop')!.after).toEqual([`translations.apply ${web.id}`]);
    const broken = plan(stopping, { ...world, endpoints: new Set() });
    expect(find(broken, 'sandbox.ensure', api.id)).toBeDefined();
    expect(find(broken, 'translations.apply', api.id)!.after).toEqual([]);
  });

  it('hold up no stop in a namespace whose container may refuse them', () => {
    const admin = { ...api, spec: { Image: 'demo', HostConfig: { CapAdd: ['NET_ADMIN'] } } };
    const stopping = { ...want, containers: [{ ...web, target: 'stopped' as const }, admin] };
    const next = plan(stopping, { ...settled(want), translations: new Map() });
    expect(find(next, 'translations.apply', api.id)).toBeDefined();
    expect(find(next, 'container.stop')!.after).toEqual([`translations.apply ${web.id}`]);
  });

  it('let a container go whose address its successor waits for', () => {
    const old = { ...web, id: 'old'.padEnd(64, 'f'), target: 'removed' as const };
    const state = { ...want, containers: [old, web], translations: new Map([[web.id, to('10.0.0.5')]]) };
    const before = settled({ ...state, containers: [old], translations: new Map() });
    const next = plan(state, before);
    expect(find(next, 'sandbox.ensure', web.id)!.after).toContain(`sandbox.remove ${old.id}`);
    expect(find(next, 'sandbox.remove', old.id)!.after).toContain(`container.stop ${old.id}`);
    expect(find(next, 'container.stop', old.id)!.after).toEqual([]);
  });

  it('are not looked for where there is no namespace and will be none', () => {
    const ended = desired({ ...want, statuses: statusesOf({ ...freshStatus(web), finished: true }) });
    const next = plan(ended, { ...settled(want), netns: new Set([names.netns(api.id)]), containers: new Map() });
    expect(find(next, 'translations.apply', web.id)).toBeUndefined();
  });
});
