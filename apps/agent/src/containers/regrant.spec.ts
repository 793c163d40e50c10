import { expect, it } from 'vitest';
import type { Container, GrantedAttachment, Network } from '#lib/domain';
import type { GrantFacts } from './grant-containers.js';
import { readdressed } from './regrant.js';

it('an attachment of the swarm has the addresses that it was given anew, and the MAC that follows from them', () => {
  const network = { id: 'mesh', name: 'mesh', driver: 'overlay', target: 'present', pools: [], options: {} };
  const before = { networkId: 'mesh', cluster: 'mesh', ifName: 'eth0', ipv4: '10.0.9.2', mac: '02:42:0a:00:09:02' };
  const container = { id: 'a', name: 'a', target: 'stopped', endpoints: [before] } as unknown as Container;
  const granted = { ipv4: '10.0.9.3', mac: '02:42:0a:00:09:03' } as GrantedAttachment;
  const facts = {
    view: {
      get: (kind: string) => (kind === 'assignment' ? { value: { kind: 'attachment', value: granted } } : undefined),
    },
    networks: [network as unknown as Network],
    others: [],
  } as unknown as GrantFacts;
  expect(readdressed(container, facts).endpoints).toEqual([{ ...before, ...granted, ipv6: undefined }]);
});
