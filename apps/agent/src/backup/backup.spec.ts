import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import request from 'supertest';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Lifecycle } from '../lifecycle.js';
import { TestAgent } from '../testing/test-agent.js';

let agent: TestAgent;
let bin: string;
let unhandled: unknown[];
const note = (error: unknown) => unhandled.push(error);
const { PATH } = process.env;

beforeEach(async () => {
  agent = await TestAgent.open();
  bin = mkdtempSync(join(tmpdir(), 'skep-bin-'));
  unhandled = [];
  process.on('unhandledRejection', note);
  process.env['PATH'] = bin;
});
afterEach(async () => {
  process.env['PATH'] = PATH;
  await agent.close();
  rmSync(bin, { recursive: true });
  process.off('unhandledRejection', note);
  expect(unhandled).toEqual([]);
});

const backup = () => request(agent.server).get('/skep/v1/backup').buffer(true);

it('a backup without tar is refused, and the agent goes on', async () => {
  const { body } = await backup().expect(500);
  expect(body).toMatchObject({ message: expect.stringContaining('tar') });
});

it('what a backup of an agent that was killed left is gone when the next one starts', async () => {
  const { app } = agent.application;
  const folder = join(agent.folder, '.backup-abcdef');
  mkdirSync(join(folder, 'swarm'), { recursive: true });
  writeFileSync(join(folder, 'secret.key'), 'secret');
  mkdirSync(join(agent.folder, 'swarm'), { recursive: true });
  writeFileSync(join(agent.folder, 'swarm/.copy-1.db'), 'state');
  writeFileSync(join(agent.folder, 'swarm/cluster.db'), 'state');
  const names = readdirSync(agent.folder).filter((name) => name !== '.backup-abcdef');
  await app.get(Lifecycle).stop();
  await app.get(Lifecycle).start();
  expect(readdirSync(agent.folder).toSorted()).toEqual(names.toSorted());
  expect(readdirSync(join(agent.folder, 'swarm'))).toEqual(['cluster.db']);
});

it('a backup that tar gave up breaks off', async () => {
  const tar = join(bin, 'tar');
  writeFileSync(tar, '#!/bin/sh\necho some of it\nexit 2\n');
  chmodSync(tar, 0o755);
  await expect(backup().then(({ status }) => status)).rejects.toThrow('aborted');
});
