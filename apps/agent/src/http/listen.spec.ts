import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { lstatSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { TlsFiles } from '#lib/contracts';
import { TestAuthority } from '../../../../libs/contracts/src/testing/authority.js';
import { listen } from './listen.js';
import { mutualTls } from './mutual-tls.js';

const folder = mkdtempSync('/tmp/skep-listen-');
const at = (name: string) => join(folder, name);
const servers: Server[] = [];
afterEach(() => servers.splice(0).forEach((server) => server.close()));
afterAll(() => rmSync(folder, { recursive: true }));

async function serve(server: Server, host: string): Promise<Server> {
  await listen(server, host);
  servers.push(server);
  return server;
}

describe('a host on a unix socket', () => {
  it('replaces what a killed agent left, and is for root and the group', async () => {
    const code = `require('net').createServer().listen('${at('a.sock')}', () => process.kill(process.pid, 'SIGKILL'))`;
    expect(spawnSync(process.execPath, ['-e', code]).signal).toBe('SIGKILL');
    expect(statSync(at('a.sock')).isSocket()).toBe(true);
    await serve(createServer(), `unix://${at('a.sock')}`);
    expect(statSync(at('a.sock')).mode & 0o777).toBe(0o660);
  });

  it('leaves the socket of a living process to it', async () => {
    const host = `unix://${at('b.sock')}`;
    const other = await serve(createServer(), host);
    const { ino } = statSync(at('b.sock'));
    await expect(listen(createServer(), host)).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringMatching(/^hosts: unix:.*b\.sock: in use by another process, .*ss -lxp.*another path/),
    });
    expect(statSync(at('b.sock')).ino).toBe(ino);
    expect(other.listening).toBe(true);
  });

  it.each<[string, (path: string) => void]>([
    ['a file', (path) => writeFileSync(path, 'kept')],
    ['a folder', (path) => mkdirSync(path)],
    ['a symbolic link', (path) => symlinkSync('/nonexistent', path)],
  ])('removes no %s', async (kind, make) => {
    const path = at(kind.replaceAll(' ', '-'));
    make(path);
    const { ino } = lstatSync(path);
    await expect(listen(createServer(), `unix://${path}`)).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining(`is ${kind}, and no socket`),
    });
    expect(lstatSync(path).ino).toBe(ino);
  });
});

describe('a host on TCP', () => {
  const ours = new TestAuthority(folder, 'ours');
  const files = { server: ours.issue('server'), client: ours.issue('client') };
  const stranger = new TestAuthority(folder, 'foreign').issue('stranger');

  const server = () => createTlsServer(mutualTls(files.server), (_, response) => response.end('hello'));
  const credentials = ({ cert, key }: TlsFiles) => ({ cert: readFileSync(cert), key: readFileSync(key) });
  const ca = readFileSync(files.client.ca);

  async function get(options: object): Promise<string> {
    const { port } = (await serve(server(), 'tcp://127.0.0.1:0')).address() as AddressInfo;
    return new Promise((resolve, reject) => {
      request({ host: '127.0.0.1', port, ca, agent: false, ...options }, (response) => {
        response.setEncoding('utf8').once('data', resolve);
      })
        .once('error', reject)
        .end();
    });
  }

  it('answers a client whose certificate the authority has signed', async () => {
    expect(await get(credentials(files.client))).toBe('hello');
  });

  it.each<[string, () => object]>([
    ['none', () => ({})],
    ["another authority's", () => credentials(stranger)],
  ])('refuses a client with certificate: %s', async (_, options) => {
    await expect(get(options())).rejects.toThrow(/certificate|ECONNRESET|socket hang up/);
  });

  it('is refused by a client of another authority', async () => {
    await expect(get({ ...credentials(files.client), ca: readFileSync(stranger.ca) })).rejects.toThrow(/certificate/);
  });

  it('speaks TLS 1.2 at least', async () => {
    const { port } = (await serve(server(), 'tcp://127.0.0.1:0')).address() as AddressInfo;
    const options = { host: '127.0.0.1', port, ca, ...credentials(files.client) };
    const dial = async (version: 'TLSv1.1' | 'TLSv1.2'): Promise<TLSSocket> => {
      const socket = connect({ ...options, minVersion: version, maxVersion: version, ciphers: 'DEFAULT:@SECLEVEL=0' });
      await once(socket, 'secureConnect').finally(() => socket.destroy());
      return socket;
    };
    await expect(dial('TLSv1.2')).resolves.toBeDefined();
    await expect(dial('TLSv1.1')).rejects.toThrow(/version/);
  });

  it('is refused without TLS, whoever asks for it', async () => {
    await expect(listen(createServer(), 'tcp://127.0.0.1:0')).rejects.toThrow(
      /root on this node; it needs certificates/,
    );
  });

  it('says which address is taken', async () => {
    const { port } = (await serve(server(), 'tcp://127.0.0.1:0')).address() as AddressInfo;
    const host = `tcp://127.0.0.1:${port}`;
    await expect(listen(server(), host)).rejects.toThrow(`hosts: ${host}: listen EADDRINUSE`);
  });
});
