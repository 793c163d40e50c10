import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { resolverSettings, ResolvConf } from './resolv-conf.js';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'skep-resolv-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

it('takes the first three servers, the last search domains and all options, and nothing else', () => {
  const text =
    '# nameserver 9.9.9.9\nsearch example\nnameserver 10.0.0.1\nnameserver\t10.0.0.2 \nnameserver ::1\nnameserver 10.0.0.4\n';
  expect(resolverSettings(text)).toEqual({
    servers: ['10.0.0.1', '10.0.0.2', '::1'],
    search: ['example'],
    options: [],
  });
  const more = 'domain a.test b.test\noptions edns0  ndots:2\n;options rotate\noptions timeout:1\nsortlist x\nsearch\n';
  expect(resolverSettings(more)).toEqual({
    servers: [],
    search: ['a.test'],
    options: ['edns0', 'ndots:2', 'timeout:1'],
  });
  expect(resolverSettings('domain a.test\nsearch b.test\tc.test\n').search).toEqual(['b.test', 'c.test']);
});

it('sees a changed file, and a missing one as empty', () => {
  const path = join(directory, 'resolv.conf');
  const conf = new ResolvConf(path);
  expect(conf.servers()).toEqual([]);
  writeFileSync(path, 'nameserver 10.0.0.1\n');
  utimesSync(path, 1, 1);
  expect(conf.servers()).toEqual(['10.0.0.1']);
  writeFileSync(path, 'nameserver 10.0.0.2\n');
  utimesSync(path, 2, 2);
  expect(conf.servers()).toEqual(['10.0.0.2']);
});
