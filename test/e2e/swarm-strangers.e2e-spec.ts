import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { waitFor } from '#lib/common';
import {
  identityOf,
  issueCertificate,
  newCertificateRequest,
  newRoot,
  rootByToken,
  validityOf,
  type Root,
} from '#lib/pki';
import { killPart } from './harness/faults.js';
import { HttpLoad } from './harness/http-load.js';
import { ROOT } from './harness/image.js';
import { Swarm } from './harness/swarm.js';
import { useWorld } from './harness/world.js';

const SCRIPT = join(import.meta.dirname, 'harness/stranger.mjs');
/** Milliseconds. */
const HOUR = 3_600_000;

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

describe('certificates of a swarm: who is let in, and another root for all', () => {
  const world = useWorld(3);
  let swarm: Swarm;
  let token: string;
  /** one whose key the test has */
  let ours: Root;
  const ask = async <T>(what: string, papers?: Papers): Promise<T> => {
    const { machine } = swarm.manager;
    const args = [SCRIPT, what, `${machine.address}:2377`, token];
    // The tests' own loader is not to be another process's.
    const options = { input: JSON.stringify(papers ?? {}), cwd: ROOT, env: { NODE_OPTIONS: '' } };
    return JSON.parse(await machine.must(process.execPath, args, options)) as T;
  };
  const tls = async () => {
    const nodes = await swarm.manager.json<{ Description: { TLSInfo: Record<string, string> } }[]>('/nodes');
    return nodes.map(({ Description }) => Description.TLSInfo);
  };
  const cluster = () =>
    swarm.manager.json<{ RootRotationInProgress: boolean; TLSInfo: Record<string, string> }>('/swarm');
  const changed = (ms = 30_000) =>
    waitFor(async () => !(await cluster()).RootRotationInProgress, { ms, every: 100, what: 'the root is changed' });
  const refusal = (papers: Papers) => ask<Outcome>('session', papers);
  const log = () => readFile(join(swarm.manager.folder, 'daemon.log'), 'utf8');
  /** Of the nodes' certificates, in hours. */
  const lives = () =>
    Promise.all(
      world.nodes.map(async ({ folder }) => {
        const { from, to } = validityOf(await readFile(join(folder, 'data/swarm/node.pem'), 'utf8'));
        // It is valid an hour before it was made.
        return (to - from) / HOUR - 1;
      }),
    );

  beforeAll(async () => {
    const first = ['swarm', 'init', '--advertise-addr', world.node.machine.address, '--cert-expiry'];
    expect((await world.node.docker([...first, '30m'])).stderr).toContain('minimum certificate expiry time is: 1h0m0s');
    swarm = await Swarm.found(world.nodes, ['--cert-expiry', '48h']);
    token = await swarm.docker('swarm', 'join-token', '-q', 'worker');
    // There is something that could be learnt.
    await swarm.docker('network', 'create', '-d', 'overlay', '--attachable', 'wide');
    await swarm.service('web', 2, ['--network', 'wide', '--publish', '8080:80']);
    await swarm.running(2);
  });

  it('gives each node a certificate of the life that was asked for, and of none shorter than an hour', async () => {
    expect(await lives()).toEqual([48, 48, 48]);
    await swarm.docker('swarm', 'update', '--cert-expiry', '36h');
    const minimum = 'minimum certificate expiry time is: 1h0m0s';
    expect((await swarm.manager.docker(['swarm', 'update', '--cert-expiry', '59m'])).stderr).toContain(minimum);
    const { Spec } = await swarm.manager.json<{ Spec: { CAConfig: { NodeCertExpiry: number } } }>('/swarm');
    expect(Spec.CAConfig.NodeCertExpiry).toBe(36 * HOUR * 1e6);
  });

  it('goes to a root that somebody brings: certificate and key', async () => {
    ours = await newRoot('ours');
    const { certificate, key } = ours;
    const files = ['ca.pem', 'ca-key.pem'].map((name) => join(swarm.manager.folder, name)) as [string, string];
    await Promise.all([writeFile(files[0], certificate), writeFile(files[1], key)]);
    await swarm.docker('swarm', 'ca', '--rotate', '--quiet', '--ca-cert', files[0], '--ca-key', files[1]);
    expect(await swarm.docker('swarm', 'ca')).toBe(certificate);
    // The key goes nowhere from here.
    expect(await swarm.manager.api('GET', '/swarm')).not.toContain('PRIVATE KEY');
    const trusted = await Promise.all(
      world.nodes.map(({ folder }) => readFile(join(folder, 'data/swarm/root.pem'), 'utf8')),
    );
    expect(trusted).toEqual(world.nodes.map(() => certificate));
    token = await swarm.docker('swarm', 'join-token', '-q', 'worker');
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
    const papers = await ask<Required<Papers>>('issue');
    const { request, key } = await newCertificateRequest();
    const of = async (life: number, begin: number) => {
      const certificate = await issueCertificate(ours, request, identityOf(papers.certificate), life, begin);
      return { root: papers.root, certificate, key };
    };
    // Its signature and the rest of it are good: with other dates it is refused only because the node holds another one.
    expect((await refusal(await of(HOUR, Date.now()))).refused).toContain('was replaced by another one');
    const expired = await of(HOUR, Date.now() - 2 * HOUR);
    expect(await refusal(expired)).toEqual({ refused: expect.stringContaining('that has expired'), told: [] });
    expect((await ask<Outcome>('renew', expired)).refused).toContain('that has expired');
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
    const next = await ask<Required<Papers>>('renew', papers);
    // A worker gets a worker's certificate, whatever it asks for.
    expect(identityOf(next.certificate)).toMatchObject({ nodeId: papers.nodeId, role: 'worker' });
    // The answer might have been lost: until the next one is used, the one before is good.
    expect((await ask<Outcome>('session', papers)).told?.length).toBeGreaterThan(0);
    expect((await ask<Outcome>('session', { ...next, root: papers.root })).told?.length).toBeGreaterThan(0);
    const outcome = await refusal(papers);
    expect(outcome).toEqual({ refused: expect.stringContaining('was replaced by another one'), told: [] });
  });

  it('is written down in the log of the manager, with the reason', async () => {
    const reasons = ['the caller has no certificate', 'is not of this cluster any more', 'was replaced by another one'];
    const text = await log();
    for (const reason of reasons) expect(text).toMatch(new RegExp(`Dispatcher.Session: refused: .*${reason}`));
  });

  it('renews everybody for another root: `docker swarm ca --rotate`, while requests go on', async () => {
    await removeStrangers();
    const before = await swarm.docker('swarm', 'ca');
    const containers = await tasks();
    const urls = world.nodes.map(({ machine }) => `http://${machine.address}:8080/`);
    const load = await HttpLoad.start(world.outside, 30, urls);
    const printed = await swarm.docker('swarm', 'ca', '--rotate');
    await load.stop();
    expect(load.failed).toEqual([]);
    const after = await swarm.docker('swarm', 'ca');
    expect(after).not.toBe(before);
    expect(printed).toContain(after);
    const { TLSInfo } = await cluster();
    expect(TLSInfo['TrustRoot']).toBe(after);
    expect(await tls()).toEqual(world.nodes.map(() => TLSInfo));
    expect(await lives()).toEqual([36, 36, 36]);
    expect(await swarm.docker('node', 'ls', '--format', '{{.TLSStatus}}')).toBe('Ready\nReady\nReady');
    expect(await tasks()).toEqual(containers);
    // Tokens are of the new root; those before it lead nowhere.
    const papers = await ask<Papers>('issue').catch((error: Error) => error.message);
    expect(papers).toContain('the join token is not valid');
    token = await swarm.docker('swarm', 'join-token', '-q', 'worker');
    expect(rootByToken(token, after)).toBeDefined();
  });

  it('waits for a node that is away, over the death of the manager, and goes on when it is back', async () => {
    const away = world.nodes[2]!;
    const before = await swarm.docker('swarm', 'ca');
    await away.stop('SIGKILL');
    await swarm.docker('swarm', 'ca', '--rotate', '--detach');
    const renewed = async () => {
      const { TLSInfo } = await cluster();
      const issued = (await tls()).filter((each) => each['CertIssuerPublicKey'] === TLSInfo['CertIssuerPublicKey']);
      return issued.length === 2;
    };
    await waitFor(renewed, { ms: 20_000, every: 100, what: 'both nodes that are there have renewed' });
    await killPart(swarm.manager, 'manager');
    // It is started again; requests of that moment are lost.
    const back = () => renewed().catch(() => false);
    await waitFor(back, { ms: 20_000, every: 100, what: 'the manager is back, and knows where it was' });
    expect((await cluster()).RootRotationInProgress).toBe(true);
    expect(await swarm.docker('swarm', 'ca')).toBe(before);
    await away.start();
    await changed();
    expect(await swarm.docker('swarm', 'ca')).not.toBe(before);
    await swarm.running(2);
  });

  /** Those of the tests before: they never come back, and everybody would wait for them. */
  async function removeStrangers(): Promise<void> {
    const known = world.nodes.map((_, index) => swarm.id(index));
    const ids = (await swarm.docker('node', 'ls', '--format', '{{.ID}}')).split('\n');
    const strangers = ids.filter((id) => !known.includes(id));
    if (strangers.length > 0) await swarm.docker('node', 'rm', '--force', ...strangers);
  }

  async function tasks(): Promise<string[]> {
    return (await swarm.running(2)).map(({ id, pid }) => `${id} ${pid}`).sort();
  }
});
