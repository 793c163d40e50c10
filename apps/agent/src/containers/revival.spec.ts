import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SkepError } from '#lib/common';
import { daemonConfig } from '#lib/contracts';
import type { Container } from '#lib/domain';
import type { Store } from '#lib/store';
import type { Node } from '../node/tokens.js';
import type { ContainersService } from './containers.service.js';
import { Revival } from './revival.js';

describe('containers with the policy always that were stopped', () => {
  let execRoot: string;
  let rows: Map<string, Container>;
  /** what was asked for, in order, and how each ends */
  let asked: { id: string; end: () => void; fail: (error: Error) => void }[];

  beforeEach(() => {
    vi.useFakeTimers();
    Logger.overrideLogger(false);
    execRoot = mkdtempSync(join(tmpdir(), 'skep-revival-'));
    asked = [];
    rows = new Map(['web', 'db'].map((id) => [id, stopped(id)]));
  });
  afterEach(() => {
    vi.useRealTimers();
    rmSync(execRoot, { recursive: true });
  });

  const stopped = (id: string) =>
    ({
      id,
      name: id,
      origin: 'api',
      restart: { name: 'always' },
      target: 'stopped',
      endpoints: [],
    }) as unknown as Container;

  /** Another agent of this daemon, which has nobody's word but that of the one before. */
  function agent(): void {
    asked = [];
    const store = {
      list: () => [...rows.values()],
      get: (kind: string, id: string) => (kind === 'container' && rows.has(id) ? { value: rows.get(id) } : undefined),
    };
    const start = (id: string) =>
      new Promise<void>((resolve, fail) => {
        const end = () => {
          rows.set(id, { ...rows.get(id)!, target: 'running' });
          resolve();
        };
        asked.push({ id, end, fail });
      });
    new Revival(
      { config: daemonConfig({ execRoot }) } as Node,
      store as unknown as Store,
      { start } as unknown as ContainersService,
    ).run();
  }
  const names = () => asked.map(({ id }) => id);
  const turn = () => vi.advanceTimersByTimeAsync(0);

  it('start again with the daemon, and not with an agent that it has started anew', async () => {
    agent();
    expect(names()).toEqual(['web', 'db']);
    for (const { end } of asked) end();
    await turn();
    rows = new Map(['web', 'db'].map((id) => [id, stopped(id)]));
    agent();
    expect(names()).toEqual([]);
  });

  it('start again with the next daemon', async () => {
    writeFileSync(join(execRoot, 'daemon'), '1 1\nweb\n');
    agent();
    expect(names()).toEqual(['web', 'db']);
  });

  it('start again with the next agent where the one before was killed meanwhile', async () => {
    agent();
    asked[0]!.end();
    await turn();
    // Somebody stops it again.
    rows.set('web', stopped('web'));
    agent();
    expect(names()).toEqual(['db']);
    agent();
    expect(names()).toEqual(['db']);
    asked[0]!.fail(portTaken());
    await turn();
    agent();
    expect(names()).toEqual([]);
  });

  it('are not asked for again where a port or an address is somebody else’s', async () => {
    agent();
    asked[0]!.fail(portTaken());
    asked[1]!.fail(new SkepError('exhausted', 'no address is left in 10.0.9.0/29'));
    await vi.advanceTimersByTimeAsync(120_000);
    expect(names()).toEqual(['web', 'db']);
  });

  it('are asked for again later where the disk is full, unless somebody did that meanwhile', async () => {
    agent();
    const full = new SkepError('exhausted', 'the disk is full', {
      cause: new Error('SQLITE_FULL: database or disk is full'),
    });
    for (const { fail } of asked) fail(full);
    rows.set('db', { ...rows.get('db')!, target: 'running' });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(names()).toEqual(['web', 'db', 'web']);
    asked[2]!.fail(full);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(asked).toHaveLength(3);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(asked).toHaveLength(4);
    asked[3]!.end();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asked).toHaveLength(4);
  });
});

/** As a start words it. */
function portTaken(): SkepError {
  const cause = new SkepError('conflict', 'Bind for 0.0.0.0:80 failed: port is already allocated');
  return new SkepError('exhausted', 'failed to set up container networking', { cause });
}
