import { expect, it } from 'vitest';
import type { Project } from '#lib/compose';
import type { SwarmApi } from '../swarm/swarm-api.js';
import { missingNetworks } from './networks.js';

const using = (name: string) =>
  ({
    name: 'shop',
    services: { web: { networks: { net: {} } } },
    networks: { net: { name, external: true } },
  }) as unknown as Project;
const api = { show: (_kind: string, Name: string) => Promise.resolve({ Name, Scope: 'local' }) } as unknown as SwarmApi;

it('asks nobody for a network that every node has', async () => {
  expect(await missingNetworks(using('host'), api)).toEqual([]);
});

it('refuses one that only this node has', async () => {
  await expect(missingNetworks(using('lab'), api)).rejects.toThrow('it is there with scope local');
});
