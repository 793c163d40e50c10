import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import request from 'supertest';
import { afterEach, beforeEach, expect, it } from 'vitest';
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

it('a backup that tar gave up breaks off', async () => {
  const tar = join(bin, 'tar');
  writeFileSync(tar, '#!/bin/sh\necho some of it\nexit 2\n');
  chmodSync(tar, 0o755);
  await expect(backup().then(({ status }) => status)).rejects.toThrow('aborted');
});
