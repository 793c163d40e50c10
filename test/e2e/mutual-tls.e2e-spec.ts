import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { TlsFiles } from '#lib/contracts';
import { TestAuthority } from '../../libs/contracts/src/testing/authority.js';
import { DEMO_IMAGE, ROOT } from './harness/image.js';
import { type Outcome, run } from './harness/process.js';
import { useWorld } from './harness/world.js';

describe('a node on TCP', () => {
  const world = useWorld();
  let host: string;
  let client: TlsFiles;
  let stranger: TlsFiles;

  beforeAll(async () => {
    const { node } = world;
    const { address } = node.machine;
    const folder = join(node.folder, 'tls');
    mkdirSync(folder);
    const ours = new TestAuthority(folder, 'ours');
    const { ca, cert, key } = ours.issue('server', address);
    client = ours.issue('client');
    stranger = new TestAuthority(folder, 'foreign').issue('stranger');
    host = `tcp://${address}:2376`;
    await node.stop();
    await node.start(['--host', host, '--tlsverify', '--tlscacert', ca, '--tlscert', cert, '--tlskey', key]);
  });

  /** From another machine. */
  const docker = (tls: TlsFiles | undefined, ...args: string[]): Promise<Outcome> => {
    const files = tls ? ['--tlsverify', '--tlscacert', tls.ca, '--tlscert', tls.cert, '--tlskey', tls.key] : [];
    return run('nsenter', [`--net=${world.outside.path}`, 'docker', '--host', host, ...files, ...args], {
      input: 'fed',
    });
  };

  it('serves the docker CLI of another machine that shows its certificate', async () => {
    const ran = await docker(client, 'run', '--rm', DEMO_IMAGE, 'echo', 'over TLS');
    expect(ran).toMatchObject({ code: 0, stdout: 'over TLS\n' });
    const fed = await docker(client, 'run', '--rm', '--interactive', DEMO_IMAGE, 'cat');
    expect(fed).toMatchObject({ code: 0, stdout: 'fed' });
  });

  it('serves the skep CLI of another machine, by options and by the variables of the docker CLI', async () => {
    const SKEP = join(ROOT, 'bin/skep');
    const skep = (args: string[], env: NodeJS.ProcessEnv = {}): Promise<Outcome> =>
      run('nsenter', [`--net=${world.outside.path}`, SKEP, '--ansi', 'never', ...args], { input: 'fed', env });
    const file = join(world.node.folder, 'tls.yaml');
    writeFileSync(file, `services: {one: {image: ${DEMO_IMAGE}, command: idle}}\n`);
    const folder = join(world.node.folder, 'certificates');
    mkdirSync(folder);
    for (const [name, path] of Object.entries(client)) copyFileSync(path, join(folder, `${name}.pem`));
    const variables = { DOCKER_HOST: host, DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: folder };
    const project = ['-f', file, '-p', 'tls'];
    expect(await skep([...project, 'up', '-d'], variables)).toMatchObject({ code: 0 });
    const files = ['--tlsverify', '--tlscacert', client.ca, '--tlscert', client.cert, '--tlskey', client.key];
    const fed = await skep(['-H', host, ...files, ...project, 'exec', '-T', 'one', 'cat']);
    expect(fed).toMatchObject({ code: 0, stdout: 'fed' });
    expect(await skep([...project, 'down'], variables)).toMatchObject({ code: 0 });
    const bare = await skep(['-H', host, 'ls']);
    expect(bare.code).toBe(1);
    expect(bare.stderr).toContain('a daemon on TCP wants to see a certificate: --tlsverify');
  });

  it.each<[string, () => TlsFiles | undefined, RegExp]>([
    ['no TLS', () => undefined, /HTTP request to an HTTPS server|malformed HTTP response|EOF|reset/],
    ['a certificate of another authority', () => ({ ...stranger, ca: client.ca }), /tls|certificate|reset|EOF/i],
    ['another authority', () => ({ ...client, ca: stranger.ca }), /certificate/],
  ])('and none with %s', async (_, tls, words) => {
    const { code, stdout, stderr } = await docker(tls(), 'ps');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(words);
  });

  it('asks for a certificate before it says anything', async () => {
    const curl = (...args: string[]) =>
      run('nsenter', [`--net=${world.outside.path}`, 'openssl', 's_client', '-connect', host.slice(6), ...args], {
        input: 'GET /_ping HTTP/1.0\r\n\r\n',
      });
    const known = ['-CAfile', client.ca, '-quiet', '-ign_eof'];
    expect((await curl(...known, '-cert', client.cert, '-key', client.key)).stdout).toContain('200 OK');
    expect((await curl(...known)).stdout).not.toContain('HTTP');
  });

  it('does not begin without certificates, and says what is missing', async () => {
    const { code, stderr } = await run(join(import.meta.dirname, '../../bin/skep'), ['daemon', '--host', host]);
    expect(code).not.toBe(0);
    expect(stderr).toContain(`${host}: whoever reaches it would be root on this node`);
    expect(stderr).toContain('missing: tlscacert, tlscert, tlskey, tlsverify: true');
  });
});
