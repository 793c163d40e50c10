import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { unavailable } from '#lib/common';
import type { Container } from '#lib/domain';
import { FakeEngine } from '#lib/engine';
import { seal } from '../node/seal.js';
import type { Node } from '../node/tokens.js';
import { Images } from './images.js';
import { MovingTags } from './moving-tags.js';

const NAME = 'registry.example:5000/team/app:latest';
const OLD = `sha256:${'1'.repeat(64)}`;
const NEW = `sha256:${'2'.repeat(64)}`;

describe('tags that move in their registry', () => {
  let folder: string;
  let engine: FakeEngine;
  let tags: MovingTags;
  let asked: unknown[];

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] });
    folder = mkdtempSync(`${tmpdir()}/skep-tags-`);
    engine = new FakeEngine();
    asked = [];
    const { inspect } = engine.registries;
    engine.registries.inspect = (...args) => {
      asked.push(args);
      return inspect(...args);
    };
    tags = new MovingTags(engine, new Images(engine, { config: { dataRoot: folder } } as Node));
  });
  afterEach(() => {
    vi.useRealTimers();
    rmSync(folder, { recursive: true });
  });

  const container = (more: Partial<Container> = {}) =>
    ({ spec: { Image: NAME }, pullPolicy: 'newer', ...more }) as Container;
  const here = (digest: string) => engine.addImage(NAME, { id: digest, digests: [digest] });
  const there = (digest: string) => engine.registry.set(NAME, { id: digest, digests: [digest] });

  it('are pulled again, once for all containers that are made at about the same time', async () => {
    here(OLD);
    there(NEW);
    await Promise.all([tags.follow(container()), tags.follow(container())]);
    await tags.follow(container());
    expect([await engine.image(NAME), asked.length]).toEqual([NEW, 1]);
    there(OLD);
    vi.advanceTimersByTime(2_500);
    await tags.follow(container());
    expect([await engine.image(NAME), asked.length]).toEqual([OLD, 2]);
  });

  it('are asked for as whoever deployed', async () => {
    here(OLD);
    there(OLD);
    await tags.follow(container({ pullAs: seal(Buffer.from('{"username":"ann"}'), folder) }));
    const image = { repository: 'registry.example:5000/team/app', reference: 'latest' };
    expect(asked).toEqual([[image, { username: 'ann' }]]);
  });

  it.each([
    ['of an image that the registry has just so', () => (here(OLD), there(OLD)), container(), 1],
    ['that are not here: the engine says so', () => there(NEW), container(), 0],
    ['of containers with another policy', () => (here(OLD), there(NEW)), container({ pullPolicy: 'missing' }), 0],
  ] as const)('are not pulled %s', async (_, given, wanted, times) => {
    given();
    engine.pull = () => Promise.reject(new Error('pulled'));
    const before = await engine.image(NAME);
    await tags.follow(wanted);
    expect([await engine.image(NAME), asked.length]).toEqual([before, times]);
  });

  it.each([
    ['does not have them', () => undefined],
    ['is away', () => (engine.registries.inspect = () => Promise.reject(unavailable('no such host')))],
    ['has them and lets nobody pull', () => (there(NEW), (engine.pull = () => Promise.reject(unavailable('denied'))))],
  ])('mean what they mean here where the registry %s', async (_, given) => {
    here(OLD);
    given();
    await tags.follow(container());
    expect(await engine.image(NAME)).toBe(OLD);
  });

  it('mean Docker Hub where no registry is named', async () => {
    engine.addImage('demo');
    await tags.follow(container({ spec: { Image: 'demo' } }));
    expect(asked).toEqual([[{ repository: 'docker.io/library/demo', reference: 'latest' }, undefined]]);
  });

  it('are not asked for where the name of the registry is not looked up within half a second', async () => {
    here(OLD);
    there(NEW);
    const { lookUp } = engine.registries;
    engine.registries.lookUp = () => new Promise(() => undefined);
    let made = 0;
    const follow = () => tags.follow(container()).then(() => made++);
    void follow();
    await vi.advanceTimersByTimeAsync(500);
    expect([made, asked.length]).toEqual([1, 0]);
    engine.registries.lookUp = lookUp;
    await vi.advanceTimersByTimeAsync(31_000);
    await follow();
    expect([made, await engine.image(NAME)]).toEqual([2, NEW]);
  });

  it('are not waited for longer than 3 seconds, and such a registry is left alone for half a minute', async () => {
    here(OLD);
    there(NEW);
    const { inspect } = engine.registries;
    engine.registries.inspect = (...args) => (void inspect(...args), new Promise(() => undefined));
    let made = 0;
    const follow = () => tags.follow(container()).then(() => made++);
    void follow();
    await vi.advanceTimersByTimeAsync(2_900);
    expect(made).toBe(0);
    await vi.advanceTimersByTimeAsync(100);
    expect(made).toBe(1);
    engine.registries.inspect = inspect;
    await vi.advanceTimersByTimeAsync(5_000);
    await follow();
    expect([made, asked.length, await engine.image(NAME)]).toEqual([2, 1, OLD]);
    await vi.advanceTimersByTimeAsync(30_000);
    await follow();
    expect([made, asked.length, await engine.image(NAME)]).toEqual([3, 2, NEW]);
  });
});
