import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { waitFor } from '#lib/common';
import { identityOf, issueCertificate, newCertificateRequest, newRoot } from '#lib/pki';
import { ROOT } from './harness/image.js';
import { Swarm } from './harness/swarm.js';
import { useWorld } from './harness/world.js';

const SCRIPT = join(import.meta.dirname, 'harness/stranger.mjs');
const SECOND = 1_000_000_000;

interface Papers {
  nodeId?: string;
  root: string;
  certificate?: string;
  key?: string;
}
interface Outcome {
  refused?: string;
  told?: unknown[];
  certificate?: string;
}

describe('who is not of the cluster, by mutual TLS', () => {
  const world = useWorld(1);
  let swarm: Swarm;
  let token: string;
  const ask = async <T>(what: string, papers?: Papers): Promise<T> => {
    const { machine } = swarm.manager;
    const args = [SCRIPT, what, `${machine.address}:2377`, token];
    // The tests' own loader is not to be another process's.
    const options = { input: JSON.stringify(papers ?? {}), cwd: ROOT, env: { NODE_OPTIONS: '' } };
    return JSON.parse(await machine.must(process.execPath, args, options)) as T;
  };
  const refusal = (papers: Papers) => ask<Outcome>('session', papers);
  const log = () => readFile(join(swarm.manager.folder, 'daemon.log'), 'utf8');
  const expiry = async (NodeCertExpiry: number) => {
    const { Version, Spec } = await swarm.manager.json<{ Version: { Index: number }; Spec: object }>('/swarm');
    await swarm.manager.api('POST', `/swarm/update?version=${Version.Index}`, {
      ...Spec,
      CAConfig: { NodeCertExpiry },
    });
  };

  beforeAll(async () => {
    swarm = await Swarm.found(world.nodes);
    token = await swarm.docker('swarm', 'join-token', '-q', 'worker');
    // There is something that could be learnt.
    await swarm.docker('network', 'create', '-d', 'overlay', '--attachable', 'wide');
    await swarm.service('web', 1, ['--network', 'wide']);
    await swarm.running(1);
  });

  it('without a certificate', async () => {
    const { root } = await ask<Papers>('issue');
    expect(await refusal({ root })).toEqual({
      refused: expect.stringContaining('the caller has no certificate'),
      told: [],
    });
  });

  it('with a certificate of another authority, be it for a node that there is', async () => {
    const { root } = await ask<Papers>('issue');
    const foreign = await newRoot('another');
    const { request, key } = await newCertificateRequest();
    const claim = { nodeId: swarm.id(0), role: 'manager' as const, clusterId: 'another' };
    const certificate = await issueCertificate(foreign, request, claim);
    const outcome = await refusal({ root, certificate, key });
    expect(outcome).toEqual({ refused: expect.stringContaining('or is of another cluster'), told: [] });
  });

  it('with a certificate that has expired', async () => {
    await expiry(2 * SECOND);
    const papers = await ask<Papers>('issue');
    await expiry(7776000 * SECOND);
    await waitFor(async () => (await refusal(papers)).refused?.includes('that has expired'), {
      ms: 15_000,
      every: 500,
      what: 'the certificate to expire',
    });
    expect((await refusal(papers)).told).toEqual([]);
    expect((await ask<Outcome>('renew', papers)).refused).toContain('that has expired');
  });

  it('with the certificate of a node that was removed by force', async () => {
    const papers = await ask<Papers>('issue');
    // Until then it is one of us, so the refusal is of what was done.
    expect((await ask<Outcome>('session', papers)).told?.length).toBeGreaterThan(0);
    await swarm.docker('node', 'rm', '--force', papers.nodeId!);
    const outcome = await refusal(papers);
    expect(outcome).toEqual({ refused: expect.stringContaining('is not of this cluster any more'), told: [] });
    expect((await ask<Outcome>('renew', papers)).refused).toContain('is not of this cluster any more');
  });

  it('with a certificate that was replaced', async () => {
    const papers = await ask<Papers>('issue');
    const { certificate } = await ask<Outcome>('renew', papers);
    // A worker gets a worker's certificate, whatever it asks for.
    expect(identityOf(certificate!)).toMatchObject({ nodeId: papers.nodeId, role: 'worker' });
    const outcome = await refusal(papers);
    expect(outcome).toEqual({ refused: expect.stringContaining('was replaced by another one'), told: [] });
  });

  it('is written down in the log of the manager, with the reason', async () => {
    const reasons = ['the caller has no certificate', 'is not of this cluster any more', 'was replaced by another one'];
    const text = await log();
    for (const reason of reasons) expect(text).toMatch(new RegExp(`Dispatcher.Session: refused: .*${reason}`));
  });
});
