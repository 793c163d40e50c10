import { expect, it } from 'vitest';
import type { Changes, Sandbox, Zone } from '#lib/contracts';
import { Knowledge } from './knowledge.js';

const zone = (networkId: string, ttl = 5): Zone => ({
  networkId,
  networkName: networkId,
  ttl,
  internal: false,
  upstreams: [],
  members: [],
  gateway: '',
});
const sandbox = (id: string): Sandbox => ({
  id,
  name: id,
  netnsPath: `/run/netns/${id}`,
  attachments: [],
  upstreams: [],
  defaultUpstreams: [],
  search: [],
  ndots: 0,
  links: {},
});
const changes = (more: Partial<Changes>): Changes => ({
  full: false,
  sandboxes: [],
  removedSandboxes: [],
  zones: [],
  removedZones: [],
  ...more,
});

const told = () => {
  const knowledge = new Knowledge();
  knowledge.merge(changes({ zones: [zone('a'), zone('b')], sandboxes: [sandbox('s'), sandbox('t')] }));
  return knowledge;
};

it('adds, replaces and removes what is named', () => {
  const knowledge = told();
  const changed = knowledge.merge(
    changes({ zones: [zone('a', 9)], removedZones: ['b', 'unknown'], removedSandboxes: ['t'] }),
  );
  expect(changed).toMatchObject({ removedZones: ['b'], removedSandboxes: ['t'] });
  expect(knowledge.all()).toEqual(changes({ full: true, zones: [zone('a', 9)], sandboxes: [sandbox('s')] }));
});

it('forgets what a full message does not name', () => {
  const changed = told().merge(changes({ full: true, zones: [zone('b')], sandboxes: [sandbox('u')] }));
  expect(changed).toMatchObject({ removedZones: ['a'], removedSandboxes: ['s', 't'] });
});

it('keeps what is named as removed and as changed: it is changed', () => {
  const changed = told().merge(changes({ sandboxes: [sandbox('s')], removedSandboxes: ['s'] }));
  expect(changed).toMatchObject({ removedSandboxes: [], sandboxes: [{ id: 's' }] });
});
