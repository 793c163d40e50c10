import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { waitFor } from '#lib/common';
import type { EngineSpec } from '#lib/domain';
import type { EngineFixture } from '../engine-fixture.js';
import type { LogOptions } from '../engine.js';
import { linesOf, type LogLine } from './lines.js';
import { nanoOf } from './log-time.js';

const LINES = 20_000;

interface RealLogs {
  /** Who follows is told everything also where a container ends right after it wrote. Docker Engine 20.10 stops before. */
  toTheVeryEnd: boolean;
}

/** What every engine promises of the logs of real processes. */
export function realLogsContract(
  name: string,
  open: () => Promise<EngineFixture>,
  { toTheVeryEnd }: RealLogs = { toTheVeryEnd: true },
): void {
  describe(`logs of ${name}`, () => {
    let at: EngineFixture;
    const made: string[] = [];

    beforeAll(async () => {
      at = await open();
    });
    afterEach(() => Promise.all(made.splice(0).map((id) => at.engine.remove(id))));
    afterAll(() => at?.close());

    const run = async (script: string, more: Partial<EngineSpec> = {}): Promise<string> => {
      const { engine, image, network } = at;
      const spec = { Image: image, Cmd: ['sh', '-c', script], ...more };
      const id = await engine.create({ name: `log-${made.length}`, spec, labels: {}, network, mounts: [] });
      made.push(id);
      await engine.start(id);
      return id;
    };
    const begin = async (id: string, options: Partial<LogOptions> = {}) => {
      const reading = { lines: [] as LogLine[], over: Promise.resolve() };
      const log = linesOf(await at.engine.logs(id, { follow: false, ...options }));
      reading.over = (async () => {
        for await (const line of log) reading.lines.push(line);
      })();
      return reading;
    };
    const lines = async (id: string, options?: Partial<LogOptions>) => {
      const reading = await begin(id, options);
      await reading.over;
      return reading.lines;
    };
    const texts = (all: readonly LogLine[]) => all.map(({ stream, line }) => `${stream.slice(3)} ${line}`);
    const toTheEnd = { follow: true };
    const go = (id: string, to = 'go') => at.engine.exec(id, ['sh', '-c', `>/${to}`], { timeoutMs: 10_000 });
    const awaiting = (told: string) => `until [ -e /${told} ]; do sleep 0.05; done`;
    const AWAIT_GO = awaiting('go');
    /** A script that ends by itself, or, where who follows would not be told its last lines then, when `ended` says so. */
    const lasting = (script: string) => (toTheVeryEnd ? script : `${script}; ${awaiting('end')}`);
    /** The end of a lasting script, and of those who follow it; each is to be told so many lines. */
    const ended = async (id: string, ...told: (readonly [Awaited<ReturnType<typeof begin>>, number])[]) => {
      if (!toTheVeryEnd) {
        const complete = () => told.every(([{ lines }, count]) => lines.length >= count);
        await waitFor(complete, { ms: 20_000, what: 'everything that was written' });
        await go(id, 'end');
      }
      await Promise.all(told.map(([{ over }]) => over));
    };
    const followed = async (id: string, count: number) => {
      const reading = await begin(id, toTheEnd);
      await ended(id, [reading, count]);
      return reading.lines;
    };

    it('both streams, lines that were written in parts, and an end without a line feed', async () => {
      const id = await run('printf par; sleep 0.2; printf tial; sleep 0.2; echo; echo err >&2; sleep 0.2; printf end');
      // Who follows a Docker Engine 20.10 may miss what was written without a line feed at the very end.
      expect(texts(await lines(id, toTheEnd)).toSorted()).toEqual(
        expect.arrayContaining(['err err', 'out partial']) as string[],
      );
      const all = await lines(id);
      expect(texts(all).toSorted()).toEqual(['err err', 'out end', 'out partial']);
      expect(texts(await lines(id, { tail: 1 }))).toEqual(['out end']);
      expect(await lines(id, { tail: 3 })).toEqual(all);
    });

    it('moments to the nanosecond: each line can be asked for alone', async () => {
      const id = await run(lasting('for i in 1 2 3; do echo $i; sleep 0.01; done'));
      const all = await followed(id, 3);
      expect(texts(all)).toEqual(['out 1', 'out 2', 'out 3']);
      for (const line of all) {
        const moment = nanoOf(line.time);
        expect(await lines(id, { since: moment, until: moment })).toEqual([line]);
      }
      expect(await lines(id, { since: nanoOf(all[1]!.time) + 1n })).toEqual([all[2]]);
    });

    it('the last lines first, then what follows, to the end of the container', async () => {
      const id = await run(lasting(`echo a; echo b; ${AWAIT_GO}; echo c; echo d >&2`));
      await waitFor(async () => (await lines(id)).length === 2, { ms: 10_000, every: 20, what: 'two lines' });
      const [last, none] = [await begin(id, { follow: true, tail: 1 }), await begin(id, { follow: true, tail: 0 })];
      await waitFor(() => last.lines.length === 1, { ms: 10_000, what: 'the last line' });
      await go(id);
      await ended(id, [last, 3], [none, 2]);
      expect(texts(last.lines).toSorted()).toEqual(['err d', 'out b', 'out c']);
      expect(texts(none.lines).toSorted()).toEqual(['err d', 'out c']);
    });

    it('nothing is missed between what was there and what follows, whoever comes when', async () => {
      const id = await run(lasting(`${AWAIT_GO}; seq 1 ${LINES}`));
      const first = await begin(id, toTheEnd);
      await go(id);
      const others: (typeof first)[] = [];
      for (let n = 0; n < 5; n++) {
        others.push(await begin(id, toTheEnd));
        await waitFor(() => first.lines.length > n * 2_000, { ms: 20_000, every: 1, what: 'more lines' });
      }
      const all = [first, ...others];
      await ended(id, ...all.map((reading) => [reading, LINES] as const));
      const whole = Array.from({ length: LINES }, (_, n) => String(n + 1));
      for (const reading of all) expect(reading.lines.map(({ line }) => line)).toEqual(whole);
    });

    it('end with the container that is removed', async () => {
      for (let round = 0; round < 5; round++) {
        const id = await run('echo here; exec sleep 1000');
        const reading = await begin(id, toTheEnd);
        await waitFor(() => reading.lines.length === 1, { ms: 10_000, what: 'the line' });
        await at.engine.remove(id);
        await reading.over;
        expect(texts(reading.lines)).toEqual(['out here']);
      }
    });

    it('a later run goes on in the same log', async () => {
      const id = await run(lasting('echo again'));
      const [first] = await followed(id, 1);
      await at.engine.start(id);
      const second = await waitFor(
        async () => {
          const all = await lines(id);
          return all.length === 2 && all[1];
        },
        { ms: 10_000, every: 20, what: 'the second run' },
      );
      expect(await lines(id, { since: nanoOf(first!.time) + 1n })).toEqual([second]);
    });

    it('of a terminal', async () => {
      const id = await run(lasting('echo one; echo two >&2'), { Tty: true });
      expect(texts(await followed(id, 2))).toEqual(['out one', 'out two']);
      expect(texts(await lines(id, { tail: 1 }))).toEqual(['out two']);
    });

    it('are refused where nothing is kept', async () => {
      const id = await run('echo lost', { HostConfig: { LogConfig: { Type: 'none' } } });
      await expect(lines(id)).rejects.toMatchObject({
        code: 'unsupported',
        message: 'configured logging driver does not support reading',
      });
    });
  });
}
