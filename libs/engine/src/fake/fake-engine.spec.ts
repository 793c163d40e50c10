import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { SkepError } from '#lib/common';
import { engineContract } from '../engine.contract.js';
import type { EngineCreate } from '../engine.js';
import { linesOf, type LogLine } from '../logs/lines.js';
import { FakeEngine } from './fake-engine.js';

engineContract('fake', async () => {
  const engine = new FakeEngine();
  engine.addImage('busybox:test');
  return {
    engine,
    image: 'busybox:test',
    rootfs: () => Readable.from([Buffer.from('a root file system')]),
    network: { mode: 'none' },
    close: async () => undefined,
  };
});

describe('FakeEngine', () => {
  const request: EngineCreate = {
    name: 'c',
    spec: { Image: 'i', Cmd: ['serve'] },
    labels: {},
    network: { mode: 'none' },
    mounts: [],
  };

  it('is away when told so, and keeps what it has', async () => {
    const engine = new FakeEngine();
    engine.addImage('i');
    const id = await engine.create(request);
    engine.away = true;
    expect(await engine.ping()).toBe(false);
    await expect(engine.inspect(id)).rejects.toMatchObject({ code: 'unavailable' });
    engine.away = false;
    expect((await engine.inspect(id)).state).toBe('created');
  });

  it('refuses one start, ends containers and writes to their logs on demand', async () => {
    const engine = new FakeEngine();
    engine.addImage('i');
    const id = await engine.create(request);
    engine.refuseStart('c', new SkepError('internal', 'no'));
    await expect(engine.start(id)).rejects.toThrow('no');
    await engine.start(id);
    engine.print(id, 'oh', 'stderr');
    engine.exit(id, 4);
    expect(await engine.inspect(id)).toMatchObject({ state: 'exited', exitCode: 4 });
    const lines: LogLine[] = [];
    for await (const line of linesOf(await engine.logs(id, { follow: true }))) lines.push(line);
    expect(lines).toMatchObject([{ stream: 'stderr', line: 'oh' }]);
  });
});
