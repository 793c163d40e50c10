import { describe, expect, it } from 'vitest';
import { notFound } from '#lib/common';
import type { Container, Network } from '#lib/domain';
import { attachmentsOf, clusterWishes, type Named } from './attachments.js';
import { hostConfig } from './create-body.js';

const named = (...networks: string[]): Named => ({
  network: (idOrName) => {
    const name = networks.find((each) => each === idOrName || `id-of-${each}` === idOrName);
    if (name === undefined) throw notFound(`network ${idOrName} not found`);
    return { id: `id-of-${name}`, name } as Network;
  },
  container: (name) => ({ id: `id-of-${name}`, name }) as Container,
});

/** One object for each network, as the directory has it. */
function directory(...names: string[]): Named {
  const { network, container } = named(...names);
  const known = new Map(names.map((name) => [name, network(name)]));
  return { network: (idOrName) => known.get(network(idOrName).name)!, container };
}

const NETWORKS = directory('nat', 'back', 'front');
const MAC = '02:42:ac:11:00:09';

describe('the networks of a new container', () => {
  it.each<[mode: string | undefined, endpoints: string[], joined: string[]]>([
    [undefined, [], ['nat']],
    ['default', [], ['nat']],
    ['nat', [], ['nat']],
    ['back', [], ['back']],
    // What Docker's SDKs send to whoever does not look for NetworkMode.
    [undefined, ['back'], ['back']],
    ['default', ['back', 'front'], ['back', 'front']],
    ['bridge', ['back'], ['back']],
    [undefined, ['default'], ['nat']],
    ['bridge', ['back', 'bridge'], ['nat', 'back']],
    ['default', ['nat', 'back'], ['nat', 'back']],
    ['nat', ['back'], ['nat', 'back']],
    ['front', ['back', 'front'], ['front', 'back']],
    ['id-of-front', ['front', 'back'], ['front', 'back']],
  ])('mode %s and endpoints %j: %j', (NetworkMode, endpoints, joined) => {
    const host = hostConfig.parse({ NetworkMode, Links: ['db'] });
    const settings = Object.fromEntries(endpoints.map((name) => [name, undefined]));
    const attachments = attachmentsOf(host, settings, MAC, NETWORKS);
    expect(attachments.map(({ network }) => network)).toEqual(joined);
    expect(attachments.map(({ mac, links }) => [mac, links])).toEqual(
      joined.map((_, index) => (index === 0 ? [MAC, { db: 'db' }] : [undefined, {}])),
    );
  });

  it('needs no default network where another one is asked for', () => {
    const [attachment] = attachmentsOf(hostConfig.parse({}), { back: undefined }, undefined, directory('back'));
    expect(attachment).toMatchObject({ network: 'back' });
  });

  it('asks the swarm for the same ones', () => {
    const wishes = (mode: string, ...names: string[]) =>
      clusterWishes(
        { id: 'c', name: 'web' },
        hostConfig.parse({ NetworkMode: mode }),
        Object.fromEntries(names.map((name) => [name, undefined])),
      ).map(({ network }) => network);
    expect(wishes('default', 'mesh')).toEqual(['mesh']);
    expect(wishes('front', 'mesh')).toEqual(['front', 'mesh']);
    expect(wishes('none', 'mesh')).toEqual([]);
  });
});
