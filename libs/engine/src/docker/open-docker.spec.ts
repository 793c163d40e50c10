import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openDocker, refusalOf } from './open-docker.js';

const OURS = join(import.meta.dirname, '../../../../bin/skep-runtime');
const fine = { OSType: 'linux', Runtimes: { runc: { path: 'runc' }, skep: { path: OURS } }, SecurityOptions: [] };

describe('a Docker Engine', () => {
  const folder = mkdtempSync('/tmp/skdoc-');
  afterAll(() => rmSync(folder, { recursive: true }));

  it('will do with the runtime registered', () => {
    expect(refusalOf(fine, OURS)).toBeUndefined();
  });

  it.each([
    [{ ...fine, OSType: 'windows' }, 'it runs windows containers; linux is accepted'],
    [{ ...fine, SecurityOptions: ['name=seccomp,profile=default', 'name=rootless'] }, 'it runs without root'],
    [{ ...fine, SecurityOptions: ['name=userns'] }, 'user namespace (userns-remap)'],
    [
      { ...fine, Runtimes: { runc: {} } },
      `the runtime "skep" is not registered; add {"runtimes":{"skep":{"path":"${OURS}"}}} to /etc/docker/daemon.json ` +
        `and restart Docker Engine, or start dockerd with --add-runtime skep=${OURS}`,
    ],
    [
      { ...fine, Runtimes: { skep: { path: '/bin/true' } } },
      `the runtime "skep" is /bin/true, which is not skep's; add`,
    ],
  ])('refused: %#', (info, reason) => {
    expect(refusalOf(info, OURS)).toContain(reason);
  });

  it('that is away is named with its socket', async () => {
    const socket = join(folder, 'docker.sock');
    const away = {
      code: 'unavailable',
      message: expect.stringContaining(`${socket}: there is no such socket; start it`),
    };
    await expect(openDocker(socket, { runtimePath: OURS })).rejects.toMatchObject(away);
  });

  it('that answers no JSON is no Docker Engine', async () => {
    const socket = join(folder, 'other.sock');
    const server = createServer((_, response) => response.writeHead(404).end('what?')).listen(socket);
    await once(server, 'listening');
    const other = { code: 'unavailable', message: expect.stringContaining('it does not answer (') };
    await expect(openDocker(socket, { runtimePath: OURS })).rejects.toMatchObject(other);
    server.close();
  });
});
