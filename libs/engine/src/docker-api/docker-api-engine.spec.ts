import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { podmanDialect } from '../podman/podman-dialect.js';
import { DockerApiEngine } from './docker-api-engine.js';

let folder: string;
let socketPath: string;
let server: Server;
let status: number;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'skep-engine-'));
  socketPath = join(folder, 'engine.sock');
  status = 500;
  server = createServer((_request, answer) => answer.writeHead(status).end('{"message":"database is locked"}'));
  await new Promise<void>((done) => server.listen(socketPath, done));
});
afterEach(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

it('what is in the way of tidying up is told as every refusal is', async () => {
  const tidiedUp: typeof podmanDialect.tidiedUp = async (docker, id) => void (await docker.getContainer(id).inspect());
  const engine = new DockerApiEngine(socketPath, { ...podmanDialect, tidiedUp });
  await expect(engine.tidiedUp('0af3')).rejects.toMatchObject({
    code: 'internal',
    message: 'tidy up container 0af3: database is locked',
  });
  status = 404;
  await engine.tidiedUp('0af3');
});
