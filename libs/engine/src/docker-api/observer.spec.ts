import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { dockerDialect } from '../docker/docker-dialect.js';
import { DockerApiEngine } from './docker-api-engine.js';

const IDS = ['a', 'b'].map((digit) => digit.repeat(64));
const LABELS = { 'io.skep.container': 'ours', 'io.skep.spec-hash': 'h1' };

let folder: string;
let server: Server;
let engine: DockerApiEngine;
let refusal: string;
const told: string[] = [];

/** Two containers that have ended, the second of which cannot be inspected. */
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'skep-observer-'));
  const listed = IDS.map((Id, at) => {
    return { Id, Names: [`/c${at}`], State: 'exited', Image: 'demo', ImageID: 'sha256:1', Labels: LABELS };
  });
  const State = { Status: 'exited', Pid: 0, ExitCode: 3, StartedAt: '2026-01-01T00:00:00Z', FinishedAt: '' };
  server = createServer(({ url = '' }, answer) => {
    const json = (status: number, body: object) => {
      answer.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
    };
    if (url.startsWith('/containers/json')) return json(200, listed);
    if (url.includes(IDS[1]!)) return json(500, { message: refusal });
    return json(200, { Id: IDS[0], Name: '/c0', Image: '', State, Config: { Image: 'demo', Labels: LABELS } });
  });
  const path = join(folder, 'sock');
  await new Promise<void>((resolve) => server.listen(path, resolve));
  engine = new DockerApiEngine(path, dockerDialect, undefined, (message) => told.push(message));
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true });
});

it('lists one that the engine refuses to look at as far as the listing says, and tells of it once', async () => {
  refusal = 'something is wrong with it';
  for (let round = 0; round < 2; round++) {
    expect(await engine.list('any=label')).toMatchObject([
      { engineId: IDS[0], state: 'exited', exitCode: 3 },
      { engineId: IDS[1], id: 'ours', name: 'c1', state: 'other', pid: 0, specHash: 'h1', image: 'demo' },
    ]);
  }
  expect(told).toEqual([`container c1 (${'b'.repeat(12)}) cannot be looked at: something is wrong with it`]);
});

it.each([
  ['context canceled', 'unavailable'],
  ['too many open files', 'exhausted'],
])('lists nothing where the engine can look at nothing now: %s', async (words, code) => {
  refusal = words;
  await expect(engine.list('any=label')).rejects.toMatchObject({ code });
});
