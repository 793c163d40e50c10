import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { waitFor } from '#lib/common';
import type { Engine } from '#lib/engine';
import type { ContainerDirectory } from '../../containers/container-directory.js';
import type { EventLog } from '../../events/event-log.js';
import { ExecBook } from './exec-book.js';

const ID = 'ab12';

describe('the end of a command', () => {
  let folder: string;
  let engine: Server | undefined;
  let told: string[];
  let book: ExecBook;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'skep-exec-'));
    told = [];
    const container = { id: 'c' };
    const directory = { get: () => container, byEngineId: () => container } as unknown as ContainerDirectory;
    const events = {
      container: (_container: unknown, action: string, { exitCode }: Record<string, string>) =>
        void told.push(exitCode === undefined ? action : `${action} ${exitCode}`),
    };
    const parts = { socketPath: join(folder, 'engine.sock') } as unknown as Engine;
    book = new ExecBook(parts, directory, events as unknown as EventLog);
    book.made(ID, 'c', ['true']);
  });
  afterEach(async () => {
    engine?.close();
    engine = undefined;
    rmSync(folder, { recursive: true });
  });

  /** An engine that has this answer. */
  async function listen(status: number, body: object): Promise<void> {
    engine = createServer((_request, response) => {
      response.statusCode = status;
      response.end(JSON.stringify(body));
    });
    await once(engine.listen(join(folder, 'engine.sock')), 'listening');
  }
  const died = () => waitFor(() => told.length > 1, { ms: 5_000, what: 'its end is told of' });

  it('is not guessed while the engine is started anew', async () => {
    book.follow(ID, true);
    await expect(book.inspect(ID)).rejects.toMatchObject({ code: 'unavailable' });
    expect(told).toEqual(['exec_create: true ']);
    await listen(200, { ID, Running: false, ExitCode: 3, Pid: 0, ContainerID: 'e' });
    await died();
    expect(told).toEqual(['exec_create: true ', 'exec_die 3']);
    expect(await book.inspect(ID)).toMatchObject({ ExitCode: 3, ContainerID: 'c' });
  });

  it('is that of a kill where it went with its container', async () => {
    await listen(404, { message: 'no such exec session' });
    book.follow(ID);
    await died();
    expect(told.at(-1)).toBe('exec_die 137');
    await expect(book.inspect(ID)).rejects.toMatchObject({ code: 'not_found' });
  });
});
