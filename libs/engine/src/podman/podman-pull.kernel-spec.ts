import Docker from 'dockerode';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jsonLines } from '../docker-api/json-stream.js';
import { ScratchPodman } from '../testing/scratch-podman.js';
import { ScratchRegistry } from '../testing/scratch-registry.js';
import type { PodmanService } from './podman-service.js';

describe('pulling with Podman', () => {
  let registry: ScratchRegistry;
  let scratch: ScratchPodman;
  let service: PodmanService;

  beforeAll(async () => {
    registry = await ScratchRegistry.start();
    scratch = new ScratchPodman();
    service = scratch.service({ insecureRegistries: [registry.address] });
    await scratch.ready(service);
    await push('team/app', '1');
    await push('team/app', 'latest');
  });
  afterAll(async () => {
    await scratch?.close(service);
    await registry?.stop();
  });

  /** Puts the scratch image into the registry and forgets its name here. */
  async function push(repository: string, tag: string): Promise<void> {
    const docker = new Docker({ socketPath: service.socketPath });
    const repo = `${registry.address}/${repository}`;
    await docker.getImage(scratch.image).tag({ repo, tag });
    for await (const message of jsonLines(await docker.getImage(`${repo}:${tag}`).push())) {
      if (message.error) throw new Error(message.error);
    }
    await docker.getImage(`${repo}:${tag}`).remove();
  }

  it.each(['', ':1'])('fetches team/app%s, with progress, and finds it by that name', async (tag) => {
    const name = `${registry.address}/team/app${tag}`;
    expect(await service.engine.image(name)).toBeUndefined();
    const progress: string[] = [];
    await service.engine.pull(name, { progress: (text) => progress.push(text) });
    expect(await service.engine.image(name)).toMatch(/^sha256:/);
    expect(progress.join('\n')).toMatch(/Pull|Download|Copying|Writing|sha256|[0-9a-f]{12}/);
    const id = await service.engine.create({
      name: `from-registry${tag.replace(':', '-')}`,
      spec: { Image: name, Cmd: ['true'] },
      labels: {},
      network: scratch.network,
      mounts: [],
    });
    expect((await service.engine.inspect(id)).image).toBe(tag ? name : `${name}:latest`);
  });

  it('has the digest of what it pulled, as the registry says it', async () => {
    const repository = `${registry.address}/team/app`;
    await service.engine.pull(`${repository}:1`);
    const { descriptor } = await service.engine.registries.inspect({ repository, reference: '1' });
    expect((await service.engine.imageConfig(`${repository}:1`)).digests).toContain(descriptor.digest);
  });

  it.each(['nobody/has-this', 'team/app:no-such-tag'])('says that %s does not exist', async (path) => {
    const name = `${registry.address}/${path}`;
    await expect(service.engine.pull(name)).rejects.toMatchObject({
      code: 'not_found',
      message: expect.stringMatching(
        /^pull \S+: pull access denied for \S+, repository does not exist or may require 'docker login': .*unknown/,
      ),
    });
  });

  it('says that a registry cannot be reached', async () => {
    await expect(service.engine.pull('127.0.0.1:1/x')).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(/^pull 127\.0\.0\.1:1\/x: the registry cannot be reached: .*refused/),
    });
  });

  it('refuses a name that is none', async () => {
    await expect(service.engine.pull('UPPER/Case:x')).rejects.toMatchObject({
      code: 'invalid',
      message: expect.stringMatching(/lowercase/),
    });
  });
});
