import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { waitFor } from '#lib/common';
import type { ObservedContainer } from '#lib/domain';
import type { Engine, EngineCreate, LogOptions } from './engine.js';
import { linesOf, type LogLine } from './logs/lines.js';
import { nanoOf } from './logs/log-time.js';
import type { EngineFixture } from './engine-fixture.js';
import { imagesContract } from './images.contract.js';

const LABEL = 'skep-test=contract';

/** What every engine promises. */
export function engineContract(name: string, open: () => Promise<EngineFixture>): void {
  describe(`${name} engine`, () => {
    let at: EngineFixture;
    let engine: Engine;
    const made: string[] = [];

    beforeAll(async () => {
      at = await open();
      engine = at.engine;
    });
    afterEach(async () => {
      await Promise.all(made.splice(0).map((id) => engine.remove(id)));
    });
    afterAll(() => at?.close());

    const request = (containerName: string, cmd: string[]): EngineCreate => ({
      name: containerName,
      spec: { Image: at.image, Cmd: cmd, Labels: { color: 'red' } },
      labels: { 'skep-test': 'contract', 'io.skep.container': `id-${containerName}`, 'io.skep.spec-hash': 'h1' },
      network: at.network,
      mounts: [],
    });
    const create = async (containerName: string, cmd: string[]) => {
      const id = await engine.create(request(containerName, cmd));
      made.push(id);
      return id;
    };
    const run = async (containerName: string, ...cmd: string[]) => {
      const id = await create(containerName, cmd);
      await engine.start(id);
      return id;
    };
    const ended = (id: string): Promise<ObservedContainer> =>
      waitFor(
        async () => {
          const seen = await engine.inspect(id);
          return seen.state === 'exited' && seen;
        },
        { ms: 10_000, what: 'the end of the container' },
      );
    const lines = async (id: string, options: Partial<LogOptions> = {}) => {
      const all: LogLine[] = [];
      for await (const line of linesOf(await engine.logs(id, { follow: false, ...options }))) all.push(line);
      return all;
    };

    it('answers', async () => {
      expect(await engine.ping()).toBe(true);
      expect((await engine.info()).name).toBe(name);
    });

    it('takes a container through its life', async () => {
      const id = await create('life', ['sleep', '1000']);
      expect(id).toMatch(/^[0-9a-f]{64}$/);
      const created = await engine.inspect(id);
      expect(created).toMatchObject({
        engineId: id,
        id: 'id-life',
        name: 'life',
        specHash: 'h1',
        image: at.image,
        state: 'created',
        pid: 0,
        startedAt: '',
        finishedAt: '',
      });

      await engine.start(id);
      const first = await engine.inspect(id);
      expect(first).toMatchObject({ state: 'running', exitCode: 0 });
      expect(first.pid).toBeGreaterThan(1);
      expect(Date.parse(first.startedAt)).toBeGreaterThan(0);
      await engine.start(id);
      expect(await engine.inspect(id)).toEqual(first);

      await engine.stop(id, 0);
      const stopped = await engine.inspect(id);
      expect(stopped).toMatchObject({ state: 'exited', pid: 0, exitCode: 137 });
      expect(stopped.finishedAt > stopped.startedAt).toBe(true);
      await engine.stop(id, 0);

      await engine.start(id);
      const second = await engine.inspect(id);
      expect(second.state).toBe('running');
      expect(second.startedAt > stopped.finishedAt).toBe(true);

      await engine.remove(id);
      await engine.remove(id);
      await expect(engine.inspect(id)).rejects.toMatchObject({
        code: 'not_found',
        message: `No such container: ${id}`,
      });
    });

    it('lists what carries the label, exactly as it inspects it', async () => {
      const running = await run('list-running', 'sleep', '1000');
      const exited = await run('list-exited', 'false');
      const created = await create('list-created', ['true']);
      const other = await engine.create({ ...request('list-other', ['true']), labels: { 'skep-test': 'no' } });
      made.push(other);
      await ended(exited);
      const wanted = await Promise.all([running, exited, created].map((id) => engine.inspect(id)));
      const byName = (all: ObservedContainer[]) => all.toSorted((a, b) => (a.name < b.name ? -1 : 1));
      expect(byName(await engine.list(LABEL))).toEqual(byName(wanted));
      expect(byName(await engine.list(LABEL))).toEqual(byName(wanted));
      expect(await engine.list('color=blue')).toEqual([]);
    });

    it('sees each of several short runs', async () => {
      const id = await create('short', ['sh', '-c', 'exit 3']);
      const ends = new Set<string>();
      for (let round = 0; round < 4; round++) {
        await engine.start(id);
        await ended(id);
        const [seen] = await engine.list(LABEL);
        expect(seen).toMatchObject({ state: 'exited', exitCode: 3, pid: 0 });
        ends.add(seen!.finishedAt);
      }
      expect(ends.size).toBe(4);
    });

    it('tells everything of a container, measures it, and changes the limits of a running one', async () => {
      const id = await run('details', 'sleep', '1000');
      expect(await engine.details(id)).toMatchObject({ Id: id, Name: '/details', State: { Status: 'running' } });
      expect(await engine.details(id, { size: true })).toMatchObject({
        SizeRw: expect.any(Number),
        SizeRootFs: expect.any(Number),
      });
      const size = (await engine.sizes(LABEL)).get(id);
      expect(size?.rootFs).toBeGreaterThanOrEqual(size!.writable);
      await engine.update(id, { PidsLimit: 50 });
      await engine.stop(id, 0);
    });

    it('pauses; what is not paused goes on', async () => {
      const id = await run('paused', 'sleep', '1000');
      await engine.pause(id);
      expect(await engine.inspect(id)).toMatchObject({ state: 'paused' });
      for (let times = 0; times < 2; times++) {
        await engine.unpause(id);
        // Docker Engine may hear of the pause late, and takes it for another one until it hears of its end.
        const runs = async () => (await engine.inspect(id)).state === 'running';
        await waitFor(runs, { ms: 10_000, what: 'the container goes on' });
      }
      await expect(engine.unpause('0'.repeat(64))).rejects.toMatchObject({ code: 'not_found' });
    });

    it('kills', async () => {
      const id = await run('killed', 'sleep', '1000');
      await engine.kill(id, 'SIGKILL');
      expect(await ended(id)).toMatchObject({ exitCode: 137 });
      await expect(engine.kill(id, 'SIGKILL')).rejects.toMatchObject({ code: 'conflict' });
    });

    it('refuses a name that is taken and an image that is absent, in words that tools match', async () => {
      const id = await create('taken', ['true']);
      await expect(create('taken', ['true'])).rejects.toMatchObject({
        code: 'conflict',
        message: expect.stringContaining(`The container name "/taken" is already in use by container "${id}"`),
      });
      const absent = { ...request('absent', ['true']), spec: { Image: 'nobody/has-this' } };
      await expect(engine.create(absent)).rejects.toMatchObject({
        code: 'not_found',
        message: 'No such image: nobody/has-this:latest',
      });
    });

    it.each(['start', 'stop', 'kill', 'logs', 'exec', 'details'] as const)(
      '%s of an absent container: not_found',
      async (verb) => {
        const id = '0'.repeat(64);
        const call = {
          start: () => engine.start(id),
          stop: () => engine.stop(id, 0),
          kill: () => engine.kill(id, 'SIGTERM'),
          logs: () => lines(id),
          details: () => engine.details(id),
          exec: () => engine.exec(id, ['true'], { timeoutMs: 1000 }),
        }[verb];
        await expect(call()).rejects.toMatchObject({ code: 'not_found', message: `No such container: ${id}` });
      },
    );

    it('keeps the log of a container that has ended', async () => {
      const id = await run('log', 'echo', 'a line');
      await ended(id);
      const [line, ...others] = await lines(id);
      expect(others).toEqual([]);
      expect(line).toEqual({ stream: 'stdout', line: 'a line', time: expect.stringMatching(/^\d{4}-.*\.\d{9}Z$/) });
      const written = nanoOf(line!.time);
      expect(await lines(id, { tail: 0 })).toEqual([]);
      expect(await lines(id, { follow: true })).toHaveLength(1);
      expect(await lines(id, { since: written, until: written })).toHaveLength(1);
      expect(await lines(id, { since: written + 1n })).toEqual([]);
      expect(await lines(id, { until: written - 1n })).toEqual([]);
    });

    it('stops following when the signal says so, and when the container ends', async () => {
      const id = await run('follow', 'sleep', '1000');
      const given = new AbortController();
      const aborted = lines(id, { follow: true, signal: given.signal });
      const toTheEnd = lines(id, { follow: true });
      given.abort();
      expect(await aborted).toEqual([]);
      await engine.kill(id, 'SIGKILL');
      expect(await toTheEnd).toEqual([]);
    });

    it('runs commands in a container', async () => {
      const id = await run('exec', 'sleep', '1000');
      const exec = (...argv: string[]) => engine.exec(id, argv, { timeoutMs: 10_000 });
      expect(await exec('echo', 'hello')).toEqual({ exitCode: 0, output: 'hello\n' });
      expect(await exec('sh', '-c', 'exit 7')).toEqual({ exitCode: 7, output: '' });
      expect((await exec('echo', 'x'.repeat(9_000))).output).toHaveLength(4_096);
      await expect(engine.exec(id, ['sleep', '999'], { timeoutMs: 300 })).rejects.toMatchObject({ code: 'timeout' });
      await engine.stop(id, 0);
      await expect(exec('true')).rejects.toMatchObject({ code: 'conflict' });
    });

    imagesContract(() => at, request, made);
  });
}
