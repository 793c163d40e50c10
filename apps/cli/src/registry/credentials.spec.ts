import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { credentialsFor } from './credentials.js';

const HUB = 'https://index.docker.io/v1/';
const basic = (text: string) => ({ auth: Buffer.from(text).toString('base64') });

let folder: string;
const warn = vi.fn<(text: string) => void>();
const ask = (...images: string[]) =>
  credentialsFor(images, { DOCKER_CONFIG: folder, PATH: `${folder}:${process.env['PATH']}` }, warn);
const configure = (config: unknown) =>
  writeFileSync(join(folder, 'config.json'), typeof config === 'string' ? config : JSON.stringify(config));
/** A program as Docker's are: what is asked on standard input, the answer on standard output. */
const helper = (name: string, script: string) =>
  writeFileSync(join(folder, `docker-credential-${name}`), `#!/bin/sh\n${script}\n`, { mode: 0o755 });

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'skep-login-'));
  warn.mockClear();
});
afterEach(() => rmSync(folder, { recursive: true }));

it('are nobody’s without a configuration, and with one that knows nobody', async () => {
  expect(await ask('web', 'reg.test/web')).toEqual({});
  configure({ auths: { 'other.test': basic('me:secret') }, HttpHeaders: {} });
  expect(await ask('web', 'reg.test/web')).toEqual({});
});

it('are by the registry of the image: its name, its port, Docker Hub where none is named', async () => {
  configure({
    auths: { [HUB]: basic('hub:one'), 'reg.test:5000': basic('me:a:b\0'), 'https://old.test/v1/': basic('old:two') },
  });
  const hub = { serveraddress: HUB, username: 'hub', password: 'one' };
  expect(await ask('web', 'team/web:1', 'docker.io/team/web', 'reg.test:5000/x/y', 'old.test/z', 'reg.test/x')).toEqual(
    {
      web: hub,
      'team/web:1': hub,
      'docker.io/team/web': hub,
      'reg.test:5000/x/y': { serveraddress: 'reg.test:5000', username: 'me', password: 'a:b' },
      'old.test/z': { serveraddress: 'old.test', username: 'old', password: 'two' },
    },
  );
});

it('may be a token', async () => {
  configure({ auths: { 'reg.test': { ...basic('me:'), identitytoken: 'long' } } });
  expect(await ask('reg.test/a')).toEqual({
    'reg.test/a': { serveraddress: 'reg.test', username: 'me', identitytoken: 'long' },
  });
});

it('are kept by a program: one for all, or one of the registry; asked once for each registry', async () => {
  configure({ credsStore: 'all', credHelpers: { 'reg.test': 'own' } });
  helper(
    'all',
    `read -r server || true; echo "$server" >> ${folder}/asked; echo "{\\"Username\\":\\"$1 $server\\",\\"Secret\\":\\"s\\"}"`,
  );
  helper('own', `echo '{"Username":"<token>","Secret":"t"}'`);
  expect(await ask('web', 'team/web', 'reg.test/a')).toEqual({
    web: { serveraddress: HUB, username: `get ${HUB}`, password: 's' },
    'team/web': { serveraddress: HUB, username: `get ${HUB}`, password: 's' },
    'reg.test/a': { serveraddress: 'reg.test', identitytoken: 't' },
  });
  expect(warn).not.toHaveBeenCalled();
});

it('are nobody’s where the program knows nobody; one that does not work is named', async () => {
  configure({ credHelpers: { 'a.test': 'empty', 'b.test': 'gone', 'c.test': 'broken' } });
  helper('empty', 'echo credentials not found in native keychain; exit 1');
  helper('broken', 'echo no session bus; exit 1');
  expect(await ask('a.test/x', 'b.test/x', 'c.test/x')).toEqual({});
  expect(warn.mock.calls.flat().sort()).toEqual([
    expect.stringMatching(
      /^b\.test is asked without a login: docker-credential-gone, .*: spawn docker-credential-gone ENOENT$/,
    ),
    expect.stringMatching(/^c\.test is asked without a login: docker-credential-broken, .*: no session bus$/),
  ]);
});

it('are asked for in vain where the configuration is broken, by the file’s name', async () => {
  configure('{"auths":');
  await expect(ask('web')).rejects.toThrow(`${folder}/config.json is not JSON`);
});
