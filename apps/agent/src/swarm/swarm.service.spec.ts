import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadPackageDefinition, Server, ServerCredentials, status, type sendUnaryData } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { waitFor } from '#lib/common';
import { PROTO_LOADER_OPTIONS, readMembership, SWARM_PROTO, swarmFolder } from '#lib/contracts';
import { FakeHost } from '#lib/host';
import { issueCertificate, newCertificateRequest, newJoinToken, newRoot } from '#lib/pki';
import { ManagerClient } from '../membership/manager-client.js';
import { SwarmMembership } from '../membership/membership.js';
import type { Node } from '../node/tokens.js';
import { initBody, joinBody } from './bodies.js';
import type { ManagerMessages } from './manager-messages.js';
import type { SwarmTasks } from './swarm-tasks.js';
import { SwarmService } from './swarm.service.js';

/** A manager that answers requests for certificates when it is let. */
async function slowManager(clusterId: string) {
  const root = await newRoot(clusterId);
  const token = newJoinToken(root.certificate);
  const waiting: ((error?: Error) => Promise<void>)[] = [];
  let nodes = 0;
  let shown = root.certificate;
  const issued = async (asked: string) => {
    const nodeId = `${clusterId}-${(nodes += 1)}`;
    const certificate = await issueCertificate(root, asked, { clusterId, nodeId, role: 'worker' });
    return { nodeId, certificate, root: root.certificate };
  };
  const answer = (call: { request: { request: string } }, done: sendUnaryData<unknown>) =>
    waiting.push(async (error) => {
      if (error) done({ code: status.INVALID_ARGUMENT, details: error.message });
      else done(null, await issued(call.request.request));
    });
  const { request, key } = await newCertificateRequest();
  const own = await issueCertificate(root, request, { clusterId, nodeId: 'manager', role: 'manager' });
  const { skep } = loadPackageDefinition(loadSync(SWARM_PROTO, PROTO_LOADER_OPTIONS)) as unknown as {
    skep: { swarm: { v1: { Ca: { service: Parameters<Server['addService']>[0] } } } };
  };
  const server = new Server();
  server.addService(skep.swarm.v1.Ca.service, {
    getRoot: (_call: unknown, done: sendUnaryData<unknown>) => done(null, { certificate: shown }),
    issue: answer,
    renew: answer,
  });
  const pair = { private_key: Buffer.from(key), cert_chain: Buffer.from(own) };
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', ServerCredentials.createSsl(null, [pair]), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  );
  const asked = () => waitFor(() => waiting.length > 0, { ms: 10_000, what: 'a request for a certificate' });
  return {
    server,
    token,
    address: `127.0.0.1:${port}`,
    asked,
    /** To whoever asks for the root. */
    show: (pem: string) => (shown = pem),
    root: root.certificate,
    /** The oldest request is answered, or refused. */
    let: async (error?: Error) => {
      await asked();
      await waiting.shift()!(error);
    },
  };
}
type Manager = Awaited<ReturnType<typeof slowManager>>;

describe('what a node is in', { timeout: 60_000 }, () => {
  let folder: string;
  let membership: SwarmMembership;
  let swarm: SwarmService;
  let north: Manager;
  let south: Manager;
  const ends: (() => unknown)[] = [];

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'skep-membership-'));
    const config = { dataRoot: folder, managerSocket: join(folder, 'manager.sock') };
    const node = { config, names: { linkPrefix: 'sk' } } as Node;
    membership = new SwarmMembership(node);
    const tasks = { forget: () => Promise.resolve() } as SwarmTasks;
    const messages = { leave: () => Promise.resolve() } as ManagerMessages;
    const manager = new ManagerClient(node, membership);
    swarm = new SwarmService(node, new FakeHost(), membership, manager, tasks, messages);
    [north, south] = await Promise.all([slowManager('north'), slowManager('south')]);
  }, 60_000);
  afterEach(async () => {
    for (const end of ends.splice(0)) await end();
    for (const { server } of [north, south]) server.forceShutdown();
    rmSync(folder, { recursive: true });
  });

  const joins = (manager: Manager) =>
    swarm.join(
      joinBody.parse({ AdvertiseAddr: '127.0.0.1', RemoteAddrs: [manager.address], JoinToken: manager.token }),
    );
  const joined = async (manager: Manager) => {
    const done = joins(manager);
    await manager.let();
    await done;
  };
  const found = (manager: Manager) => swarm.init(initBody.parse({ AdvertiseAddr: manager.address }));
  /** Answers on the socket of this node's manager as the one of some cluster. */
  const manages = async (manager: Manager, clusterId: () => string | undefined) => {
    const answer = () => JSON.stringify({ ID: clusterId(), JoinTokens: { Manager: manager.token } });
    const server = createServer((_asked, said) => void said.end(answer()));
    ends.push(() => once(server.close(), 'close'));
    await once(server.listen(join(folder, 'manager.sock')), 'listening');
  };
  const ownId = () => membership.current?.founding?.clusterId;
  const LEFT = { code: 'conflict', message: 'This node has left the swarm meanwhile' };
  const ENTERING = { code: 'conflict', message: expect.stringContaining('at this moment') as string };

  it('is written down when it has its certificate', async () => {
    await joined(north);
    expect(membership.current).toMatchObject({ role: 'worker', nodeId: 'north-1', managers: [north.address] });
    expect(readMembership(folder)).toEqual(membership.current);
  });

  it('is nothing where somebody between shows a root of his own beside the one of the token', async () => {
    north.show(`${north.root}\n${south.root}`);
    await expect(joins(north)).rejects.toMatchObject({
      code: 'unauthorized',
      message: expect.stringContaining('remote CA does not match fingerprint') as string,
    });
    expect(membership.current).toBeUndefined();
  });

  it('is nothing when the manager refuses it', async () => {
    const done = joins(north);
    const refused = expect(done).rejects.toMatchObject({ message: 'no such token' });
    await north.let(new Error('no such token'));
    await refused;
    expect(membership.current).toBeUndefined();
    expect(existsSync(swarmFolder(folder))).toBe(false);
  });

  it.each([
    ['refused', new Error('no such token')],
    ['answered', undefined],
  ])('stays another cluster when the one before is %s late', async (_how, error) => {
    const late = expect(joins(north)).rejects.toThrow();
    await north.asked();
    await swarm.leave(true);
    await joined(south);
    const before = { membership: readMembership(folder), credentials: membership.credentials() };
    await north.let(error);
    await late;
    expect(membership.current).toMatchObject({ nodeId: 'south-1', managers: [south.address] });
    expect({ membership: readMembership(folder), credentials: membership.credentials() }).toEqual(before);
  });

  it('is nothing, and stays so, when it was left while it was joined', async () => {
    const late = expect(joins(north)).rejects.toMatchObject(LEFT);
    await north.asked();
    await swarm.leave(true);
    await north.let();
    await late;
    expect(membership.current).toBeUndefined();
    expect(existsSync(swarmFolder(folder))).toBe(false);
  });

  it('has no certificate of a cluster that was left while it was renewed', async () => {
    await joined(north);
    const late = expect(membership.renew()).rejects.toMatchObject(LEFT);
    await north.asked();
    await swarm.leave(false);
    await north.let();
    await late;
    expect(existsSync(swarmFolder(folder))).toBe(false);
  });

  it('is entered by one request at a time, and only force leaves meanwhile', async () => {
    const done = joins(north);
    await north.asked();
    await expect(joins(south)).rejects.toMatchObject(ENTERING);
    await expect(found(south)).rejects.toMatchObject(ENTERING);
    await expect(swarm.leave(false)).rejects.toMatchObject(ENTERING);
    await north.let();
    await done;
    await expect(joins(south)).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('already part of a swarm') as string,
    });
    expect(membership.current).toMatchObject({ nodeId: 'north-1' });
  });

  it('is the second cluster of two that were founded, each for itself', async () => {
    let answering: string | undefined = 'the one before';
    await manages(south, () => answering);
    const late = expect(found(north)).rejects.toMatchObject(LEFT);
    await swarm.leave(true);
    const second = found(south);
    answering = ownId();
    await south.let();
    await expect(second).resolves.toBe('south-1');
    await late;
    expect(membership.current).toMatchObject({ nodeId: 'south-1', role: 'manager', managers: [south.address] });
  });

  it('is founded behind a translation: it has an address of its own beside that which others use', async () => {
    await manages(north, ownId);
    const done = swarm.init(initBody.parse({ AdvertiseAddr: '203.0.113.9', ListenAddr: north.address }));
    await north.let();
    await done;
    const port = north.address.split(':')[1];
    expect(readMembership(folder)).toMatchObject({
      advertiseAddr: `203.0.113.9:${port}`,
      dataAddr: '203.0.113.9',
      localAddr: '127.0.0.1',
      managers: [north.address],
    });
  });

  it.each([
    ['advertised', { AdvertiseAddr: '203.0.113.9' }],
    ['its data path', { AdvertiseAddr: '127.0.0.1', DataPathAddr: '203.0.113.9' }],
  ])('is refused where nobody knows which address of the node is meant: %s', async (_, asked) => {
    const message = expect.stringMatching(
      /^must specify a listening address .*: 203\.0\.113\.9 is on no link of this node, which has none; .*--data-path-addr$/,
    ) as string;
    const refused = { code: 'invalid', message };
    await expect(swarm.init(initBody.parse(asked))).rejects.toMatchObject(refused);
    const to = { RemoteAddrs: [north.address], JoinToken: north.token };
    await expect(swarm.join(joinBody.parse({ ...asked, ...to }))).rejects.toMatchObject(refused);
    expect(membership.current).toBeUndefined();
  });

  it.each([
    ['a certificate', { SigningCACert: 'pem' }, 'a swarm is founded with a CA of its own: '],
    ['its key', { SigningCAKey: 'pem' }, 'a swarm is founded with a CA of its own: '],
    ['one elsewhere', { ExternalCAs: [{ URL: 'https://ca' }] }, 'external CAs are not possible'],
  ])('is not founded with a CA that somebody brings: %s', async (_, CAConfig, words) => {
    const asked = initBody.parse({ AdvertiseAddr: north.address, Spec: { CAConfig } });
    const message = expect.stringContaining(words) as string;
    await expect(swarm.init(asked)).rejects.toMatchObject({ code: 'unsupported', message });
    expect(membership.current).toBeUndefined();
  });

  it('is founded once, whoever asks for it', async () => {
    await manages(north, ownId);
    const done = [found(north), swarm.settle()];
    await north.let();
    await expect(Promise.all(done)).resolves.toEqual(['north-1', 'north-1']);
  });
});
