import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { waitFor } from '#lib/common';
import { usePodman } from '../testing/use-podman.js';
import type { PodmanService } from './podman-service.js';

describe('between two runs of a container on Podman', () => {
  const podman = usePodman();

  const create = (name: string, ...script: string[]) => {
    const spec = { Image: podman.scratch.image, Cmd: ['sh', '-c', ...script], OpenStdin: true, StdinOnce: true };
    return podman.engine.create({ name, spec, labels: {}, network: podman.scratch.network, mounts: [] });
  };
  const ended = (id: string) =>
    waitFor(async () => (await podman.engine.inspect(id)).state === 'exited', {
      ms: 10_000,
      every: 1,
      what: 'the end of a run',
    });

  it('makes the next one ready for who attaches, and nothing takes that away', async () => {
    const id = await create('again', 'read word; echo got $word');
    for (let n = 0; n < 12; n++) {
      await podman.engine.tidiedUp(id);
      const stream = await attach(podman.service, id);
      // So long a start may take to come.
      await new Promise((resolve) => setTimeout(resolve, 150));
      await podman.engine.start(id);
      stream.socket.end(`word${n}\n`);
      await once(stream.socket, 'close', { signal: AbortSignal.timeout(10_000) });
      expect(stream.said()).toContain(`got word${n}\n`);
      await ended(id);
    }
  });

  it('waits for nobody where the next one is ready, nor for commands that have ended', async () => {
    const id = await create('ready', 'read word');
    await podman.engine.start(id);
    expect(await podman.engine.exec(id, ['true'], { timeoutMs: 10_000 })).toMatchObject({ exitCode: 0 });
    await podman.engine.stop(id, 0);
    await podman.engine.tidiedUp(id);
    const { socket } = await attach(podman.service, id);
    const since = performance.now();
    await podman.engine.tidiedUp(id);
    expect(performance.now() - since).toBeLessThan(1_000);
    socket.destroy();
  });
});

/** As skep passes it on. Resolves when the engine has answered. */
async function attach({ socketPath }: PodmanService, id: string): Promise<{ socket: Socket; said: () => string }> {
  const socket = connect({ path: socketPath, allowHalfOpen: true });
  let said = '';
  socket.on('data', (chunk: Buffer) => (said += chunk.toString()));
  socket.write(
    `POST /v1.41/containers/${id}/attach?stream=1&stdin=1&stdout=1 HTTP/1.1\r\nHost: engine\r\n` +
      'Connection: Upgrade\r\nUpgrade: tcp\r\nContent-Length: 0\r\n\r\n',
  );
  await waitFor(() => said.includes('\r\n\r\n'), { ms: 10_000, every: 1, what: 'an answer to an attach' });
  return { socket, said: () => said };
}
