import { expect, it, vi } from 'vitest';
import type { Project } from '#lib/compose';
import type { SwarmApi } from '../swarm/swarm-api.js';
import { networkBody } from './network-body.js';
import { createNetworks, missingNetworks } from './networks.js';
import { Work } from './work.js';

const using = (name: string) =>
  ({
    name: 'shop',
    services: { web: { networks: { net: {} } } },
    networks: { net: { name, external: true } },
  }) as unknown as Project;
const api = { show: (_kind: string, Name: string) => Promise.resolve({ Name, Scope: 'local' }) } as unknown as SwarmApi;

it('asks nobody for a network that every node has', async () => {
  for (const name of ['host', 'nat']) expect(await missingNetworks(using(name), api)).toEqual([]);
});

it('refuses one that only this node has', async () => {
  await expect(missingNetworks(using('lab'), api)).rejects.toThrow(/it is there with scope local, .* another name$/);
});

it('says what the swarm warns of when it makes one', async () => {
  const show = vi.fn();
  const warned = { create: () => Promise.resolve({ id: 'a', warnings: ['option vsid has no effect here'] }) };
  const body = networkBody('shop', { name: 'shop_net' });
  await createNetworks([body], warned as unknown as SwarmApi, new Work({ show, end: () => undefined }));
  expect(show).toHaveBeenCalledWith({ type: 'warning', message: 'option vsid has no effect here' });
});
