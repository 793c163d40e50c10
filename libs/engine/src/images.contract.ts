import { expect, it } from 'vitest';
import type { EngineFixture } from './engine-fixture.js';
import type { EngineCreate } from './engine.js';

/**
 * What every engine promises of images and volumes; a part of the contract.
 * @param made ids of containers that go when the test is over
 */
export function imagesContract(
  fixture: () => EngineFixture,
  request: (name: string, cmd: string[]) => EngineCreate,
  made: string[],
): void {
  it('makes an image of a container, with what it was given and what is said of it', async () => {
    const { engine } = fixture();
    const given = request('committed', ['sleep', '1000']);
    const id = await engine.create({ ...given, spec: { ...given.spec, Env: ['FOO=bar'], Hostname: 'own' } });
    made.push(id);
    await engine.start(id);
    const Healthcheck = { Test: ['CMD', 'true', 'a b'], Interval: 5e9, Retries: 4 };
    const image = await engine.commit(id, {
      repository: 'contract/made',
      tag: '1',
      pause: false,
      config: { Cmd: ['echo', 'made'], Env: ['NEW=1'], Healthcheck },
      changes: [],
      environment: ['FOO', 'NEW'],
    });
    const { id: found, defaults } = await engine.imageConfig('contract/made:1');
    expect(found).toContain(image);
    expect(defaults).toMatchObject({ Cmd: ['echo', 'made'], Healthcheck });
    expect(defaults.Env?.toSorted()).toEqual(['FOO=bar', 'NEW=1']);
    await engine.untagImage('contract/made:1');
  });

  it('imports an image and finds it by the name it was given', async () => {
    const { engine, rootfs } = fixture();
    expect(await engine.image('imported:demo')).toBeUndefined();
    const id = await engine.importImage(rootfs(), 'imported:demo', ['CMD ["true"]', 'EXPOSE 80', 'EXPOSE 53/udp']);
    expect(await engine.image('imported:demo')).toBe(id);
    expect((await engine.imageConfig('imported:demo')).exposedPorts.toSorted()).toEqual(['53/udp', '80/tcp']);
    await expect(engine.imageConfig('absent')).rejects.toMatchObject({
      code: 'not_found',
      message: 'No such image: absent:latest',
    });
  });

  it('runs without the entrypoint of the image where an empty one is asked for', async () => {
    const { engine, rootfs } = fixture();
    await engine.importImage(rootfs(), 'entered:1', ['ENTRYPOINT ["false"]', 'CMD ["sleep", "1000"]']);
    const argvOf = async (name: string, command: Pick<EngineCreate['spec'], 'Entrypoint' | 'Cmd'>) => {
      const asked = request(name, []);
      const id = await engine.create({ ...asked, spec: { ...asked.spec, ...command, Image: 'entered:1' } });
      made.push(id);
      await engine.start(id);
      const { argv, state } = await engine.inspect(id);
      return { argv, state };
    };
    const state = 'running';
    expect(await argvOf('entered-1', { Entrypoint: [] })).toEqual({ argv: ['sleep', '1000'], state });
    expect(await argvOf('entered-2', { Entrypoint: [], Cmd: ['sleep', '9'] })).toEqual({ argv: ['sleep', '9'], state });
    expect((await argvOf('entered-3', {})).argv).toEqual(['false', 'sleep', '1000']);
  });

  it('takes the name from an image that a container uses, and leaves the container', async () => {
    const { engine, rootfs } = fixture();
    await engine.importImage(rootfs(), 'used:1', ['CMD ["sleep", "1000"]']);
    const id = await engine.create({
      ...request('user', ['sleep', '9']),
      spec: { Image: 'used:1', Cmd: ['sleep', '9'] },
    });
    made.push(id);
    await engine.untagImage('used:1');
    expect(await engine.image('used:1')).toBeUndefined();
    expect((await engine.inspect(id)).engineId).toBe(id);
  });

  it('keeps volumes', async () => {
    const { engine } = fixture();
    const volume = { name: 'v1', driver: 'local', options: {}, labels: { project: 'p' } };
    await engine.createVolume(volume);
    await engine.createVolume(volume);
    expect(await engine.listVolumes()).toContain('v1');
    await engine.removeVolume('v1');
    await engine.removeVolume('v1');
    expect(await engine.listVolumes()).not.toContain('v1');
    const elsewhere = engine.createVolume({ ...volume, driver: 'nowhere' });
    await expect(elsewhere).rejects.toThrow(/^create volume v1: .*plugin/);
  });
}
