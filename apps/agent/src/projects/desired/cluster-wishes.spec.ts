import { expect, it } from 'vitest';
import { loadProject } from '#lib/compose';
import type { Container, Network, ObservedContainer } from '#lib/domain';
import { parseUp } from '../requests.js';
import { clusterWishes } from './cluster-wishes.js';
import { draftsOf } from './drafts.js';

const YAML = `
name: s
services:
  web: { image: demo, networks: [over], depends_on: [db] }
  db: { image: demo, networks: [over] }
networks:
  over: { external: true, name: over }
`;

const idOf = (name: string) => `new ${name}`;
const now = '2026-01-01T00:00:00.000Z';

/** What is wished for by an up over containers that are as the file says, of the image `old`. @param beside networks of `web` */
async function wished(body: object, image: string, beside: string[] = [], networks: Network[] = []) {
  const { project } = await loadProject({
    files: ['/app/compose.yaml'],
    cwd: '/app',
    env: {},
    reader: { readFile: async () => YAML, exists: async (path) => path === '/app/compose.yaml' },
  });
  const { request } = parseUp('s', { model: project, ...body });
  const existing = draftsOf(project, { ...request, services: [], imageHealthcheck: () => undefined, idOf, now }).map(
    (draft) =>
      ({
        ...draft,
        id: `old ${draft.name}`,
        endpoints: [
          { networkId: 'over', mac: 'm', ipv4: '10.0.0.9', cluster: {} },
          ...(draft.service === 'web' ? beside : []).map((networkId) => ({ networkId, mac: 'm' })),
        ],
      }) as unknown as Container,
  );
  const wishes = clusterWishes(project, request, {
    existing,
    networks,
    concerns: () => true,
    image: () => ({ id: image, volumes: [] }),
    observed: () => ({ imageId: 'old' }) as ObservedContainer,
    idOf,
    now,
  });
  return wishes
    .map(({ containerId, replaces }) => ({ containerId, replaces }))
    .sort((a, b) => (a.containerId < b.containerId ? -1 : 1));
}

const STAY = [{ containerId: 'old s-db-1' }, { containerId: 'old s-web-1' }];
const ANEW = [
  { containerId: 'new s-db-1', replaces: 'old s-db-1' },
  { containerId: 'new s-web-1', replaces: 'old s-web-1' },
];

it('what stays asks for what it has, and what is made anew takes over from its predecessor', async () => {
  expect(await wished({}, 'old')).toEqual(STAY);
  expect(await wished({}, 'newer')).toEqual(ANEW);
  expect(await wished({ noRecreate: true }, 'newer')).toEqual(STAY);
  expect(await wished({ forceRecreate: true }, 'old')).toEqual(ANEW);
  expect(await wished({ forceRecreate: true, services: ['web'] }, 'old')).toEqual([ANEW[1], STAY[0]]);
  expect(await wished({ services: ['web'], noDeps: true }, 'old')).toEqual([STAY[1]]);
});

it('what has lost a network of the node is made anew, and one of the swarm comes back', async () => {
  const local = { id: 'local', name: 'local', labels: {}, target: 'present' } as unknown as Network;
  expect(await wished({}, 'old', ['local'], [local])).toEqual(STAY);
  for (const networks of [[], [{ ...local, target: 'removed' as const }]]) {
    expect(await wished({}, 'old', ['local'], networks)).toEqual([ANEW[1], STAY[0]]);
  }
});
