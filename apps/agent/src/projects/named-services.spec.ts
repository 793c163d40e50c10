import { describe, expect, it } from 'vitest';
import type { UpRequest } from '#lib/contracts';
import type { Container } from '#lib/domain';
import { Rows, up } from './testing/up.js';

const YAML = `
name: s
services:
  web: { image: demo, depends_on: [db] }
  db: { image: demo }
  guest: { image: demo, network_mode: "service:db" }
`;

const running = (rows: Rows) => rows.list('container').filter(({ target }) => target === 'running');

describe('services that are named', () => {
  const brought = async (yaml = YAML) => new Rows().apply((await up(yaml, new Rows())).changes);
  /** Services of the containers that such a request gives up. */
  const replaced = async (rows: Rows, over: Partial<UpRequest>, yaml = YAML) => {
    const { changes } = await up(yaml, rows, over);
    return changes.flatMap((change) =>
      change.op === 'put' && change.kind === 'container' && (change.value as Container).target === 'removed'
        ? [(change.value as Container).service]
        : [],
    );
  };

  it('are made anew by force without what they depend on, which is made anew where it changed', async () => {
    const rows = await brought();
    expect(await replaced(rows, { services: ['web'], forceRecreate: true })).toEqual(['web']);
    const changed = YAML.replace('db: { image: demo }', 'db: { image: demo, command: other }');
    const both = await replaced(rows, { services: ['web'], forceRecreate: true }, changed);
    expect(both.sort()).toEqual(['db', 'web']);
    expect((await replaced(rows, { forceRecreate: true })).sort()).toEqual(['db', 'guest', 'web']);
  });

  it('are brought up alone with --no-deps', async () => {
    const { containers } = await up(YAML, new Rows(), { services: ['web'], noDeps: true });
    expect(containers.map(({ service }) => service)).toEqual(['web']);
    const changed = YAML.replace('db: { image: demo }', 'db: { image: demo, command: other }');
    expect(await replaced(await brought(), { services: ['web'], noDeps: true }, changed)).toEqual([]);
  });

  it('share with --no-deps the namespaces of what runs', async () => {
    const rows = await brought();
    const alone = { services: ['guest'], noDeps: true };
    expect(await replaced(rows, alone)).toEqual([]);
    const { containers } = await up(YAML, rows, { ...alone, forceRecreate: true });
    const db = running(rows).find(({ service }) => service === 'db')!;
    expect(containers).toMatchObject([{ service: 'guest', networkMode: `container:${db.id}` }]);
  });
});
