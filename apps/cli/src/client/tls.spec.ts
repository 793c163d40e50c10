import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:https';
import { once } from 'node:events';
import { readFileSync, copyFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TlsFiles } from '#lib/contracts';
import { TestAuthority } from '../../../../libs/contracts/src/testing/authority.js';
import { daemonAddress } from './address.js';
import { NodeClient } from './node-client.js';
import { tlsIdentity } from './tls.js';

describe('certificates of a client', () => {
  const folder = mkdtempSync('/tmp/skep-cli-tls-');
  let files: TlsFiles;
  let stranger: TlsFiles;
  let host: string;
  const server = createServer({ requestCert: true, rejectUnauthorized: true }, (request, response) => {
    response.end(JSON.stringify({ asked: request.url }));
  });

  beforeAll(async () => {
    const authority = new TestAuthority(folder, 'ours');
    const own = authority.issue('server');
    files = authority.issue('client');
    stranger = new TestAuthority(folder, 'foreign').issue('stranger');
    server.setSecureContext({ ca: readFileSync(own.ca), cert: readFileSync(own.cert), key: readFileSync(own.key) });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    host = `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.close();
    rmSync(folder, { recursive: true });
  });

  const flags = ({ ca, cert, key }: TlsFiles) => ({ tlscacert: ca, tlscert: cert, tlskey: key });
  const ask = (given: object, env: NodeJS.ProcessEnv = {}) =>
    new NodeClient(daemonAddress(host, env, given)).json({ method: 'GET', path: '/x' });

  it('are named by options', async () => {
    expect(await ask(flags(files))).toEqual({ asked: '/x' });
  });

  it('are found in DOCKER_CERT_PATH, where DOCKER_TLS_VERIFY asks for them', async () => {
    const env = { DOCKER_CERT_PATH: join(folder, 'ours'), DOCKER_TLS_VERIFY: '1' };
    copyFileSync(files.cert, join(env.DOCKER_CERT_PATH, 'cert.pem'));
    copyFileSync(files.key, join(env.DOCKER_CERT_PATH, 'key.pem'));
    expect(await ask({}, env)).toEqual({ asked: '/x' });
    expect(await ask({ tlsverify: true }, { DOCKER_CERT_PATH: env.DOCKER_CERT_PATH })).toEqual({ asked: '/x' });
  });

  it('are asked for only then', () => {
    expect(tlsIdentity({}, { DOCKER_CERT_PATH: '/nonexistent' })).toBeUndefined();
    expect(tlsIdentity({}, { DOCKER_TLS_VERIFY: '' })).toBeUndefined();
    expect(() => tlsIdentity({ tlsverify: true }, { DOCKER_CERT_PATH: '/nonexistent' })).toThrow(
      /^\/nonexistent\/ca.pem cannot be read \(.*\): name it with --tlscacert or DOCKER_CERT_PATH$/,
    );
  });

  it('have to be of the same authority on both sides', async () => {
    await expect(ask({ ...flags(files), tlscacert: stranger.ca })).rejects.toThrow(/cannot be reached: .*certificate/);
    await expect(ask({ ...flags(stranger), tlscacert: files.ca })).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('are missed where they were not given', async () => {
    await expect(ask({})).rejects.toThrow(/a daemon on TCP wants to see a certificate: --tlsverify/);
  });
});
