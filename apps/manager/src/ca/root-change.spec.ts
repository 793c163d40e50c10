import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { newCertificateRequest, newRoot, rootByToken, type Root } from '#lib/pki';
import type { ClusterChange, ClusterStore, ClusterView } from '#lib/store';
import type { ClusterKey } from '../cluster/cluster-key.js';
import { clusterOf } from '../cluster/found.js';
import { TestCluster } from '../testing/test-cluster.js';
import { CertificateAuthority, type IssuedTo } from './certificate-authority.js';
import { callerOf } from './caller.js';
import { inUse, mustBeHeld } from './in-use.js';
import { rootChange } from './root-change.js';
import { towards, trustedRoots } from './roots.js';

/** A key that is none: what is sealed is what it was. */
const key = {
  seal: (text: Buffer) => text.toString('base64'),
  unseal: (sealed: string) => Buffer.from(sealed, 'base64'),
} as ClusterKey;

describe('the change of the root', () => {
  let first: Root;
  let second: Root;
  let third: Root;
  let cluster: TestCluster;
  let authority: CertificateAuthority;

  beforeAll(async () => {
    [first, second, third] = await Promise.all([newRoot('c'), newRoot('c'), newRoot('c')]);
  });

  beforeEach(() => {
    cluster = new TestCluster();
    const rootKey = key.seal(Buffer.from(first.key));
    cluster.put('cluster', { ...clusterOf(cluster), rootCertificate: first.certificate, rootKey });
    const store = {
      list: cluster.list.bind(cluster),
      get: cluster.get.bind(cluster),
      transact: (decide: (view: ClusterView) => { changes: ClusterChange[]; result: unknown }) => {
        const { changes, result } = decide(cluster);
        cluster.apply(changes);
        return Promise.resolve(result);
      },
    };
    authority = new CertificateAuthority(store as unknown as ClusterStore, key);
    cluster.node('a');
    cluster.node('b');
  });

  const goTo = (root: Root) => cluster.put('cluster', towards(clusterOf(cluster), root, key));
  const renew = async (nodeId: string) => authority.renew((await newCertificateRequest()).request, nodeId, 'worker');
  /** The node begins a session with a certificate. */
  const use = (nodeId: string, { certificate }: IssuedTo) => {
    const { raw } = new X509Certificate(certificate);
    const call = { getAuthContext: () => ({ sslPeerCertificate: { raw } }) };
    const caller = callerOf(call as never, clusterOf(cluster))!;
    cluster.put('node', inUse(cluster.get('node', nodeId)!.value, caller));
    return caller;
  };
  const settle = () => cluster.settle([rootChange]);
  const trusted = () => trustedRoots(clusterOf(cluster));

  it('ends when every node uses a certificate of the next root, and not before', async () => {
    use('a', await renew('a'));
    use('b', await renew('b'));
    goTo(second);
    settle();
    expect(trusted()).toEqual([first.certificate, second.certificate]);
    use('a', await renew('a'));
    const lost = await renew('b');
    settle();
    // It was given to b, which does not use it yet: it may have been lost.
    expect(trusted()).toHaveLength(2);
    use('b', lost);
    settle();
    expect(trusted()).toEqual([second.certificate]);
    const { rootKey, joinTokens } = clusterOf(cluster);
    expect(key.unseal(rootKey).toString()).toBe(second.key);
    for (const token of Object.values(joinTokens)) expect(rootByToken(token, second.certificate)).toBeDefined();
  });

  it('does not wait for a node that was removed', async () => {
    goTo(second);
    use('a', await renew('a'));
    settle();
    cluster.apply([{ op: 'delete', kind: 'node', id: 'b' }]);
    settle();
    expect(trusted()).toEqual([second.certificate]);
  });

  it('gives out what to trust: both roots, until it has ended', async () => {
    goTo(second);
    expect((await renew('a')).root).toBe(`${first.certificate}\n${second.certificate}`);
  });

  it('may be turned to yet another root: certificates of the one between are good until the end', async () => {
    goTo(second);
    const between = await renew('a');
    goTo(third);
    use('a', between);
    settle();
    expect(trusted()).toEqual([first.certificate, second.certificate, third.certificate]);
    use('a', await renew('a'));
    use('b', await renew('b'));
    settle();
    expect(trusted()).toEqual([third.certificate]);
    expect(() => use('a', between)).toThrow('is not of this cluster');
  });

  it('may be taken back', async () => {
    use('b', await renew('b'));
    goTo(second);
    use('a', await renew('a'));
    goTo(first);
    settle();
    expect(clusterOf(cluster).nextRoot).toBeDefined();
    use('a', await renew('a'));
    settle();
    expect(trusted()).toEqual([first.certificate]);
  });

  it('does not go to another certificate of a key that is known already', () => {
    const folder = mkdtempSync(join(tmpdir(), 'skep-root-'));
    const file = join(folder, 'key.pem');
    writeFileSync(file, first.key);
    const args = ['req', '-x509', '-key', file, '-subj', '/CN=again', '-days', '800'];
    const certificate = execFileSync('openssl', args, { encoding: 'utf8' });
    rmSync(folder, { recursive: true });
    expect(() => goTo({ certificate, key: first.key })).toThrow('a cert with an identical key');
  });

  it('lets a node go on with what it has until it uses what it was given last', async () => {
    const one = await renew('a');
    const caller = use('a', one);
    const lost = await renew('a');
    const node = () => cluster.get('node', 'a')!.value;
    expect(() => mustBeHeld(node(), caller)).not.toThrow();
    use('a', lost);
    expect(() => mustBeHeld(node(), caller)).toThrow('was replaced by another one');
    // A late word of the session before does not take it back.
    expect(() => use('a', one)).toThrow('was replaced by another one');
  });
});
