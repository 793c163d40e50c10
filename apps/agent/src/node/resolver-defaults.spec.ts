import { expect, it } from 'vitest';
import { type ResolvConf, resolverSettings } from '#lib/common';
import { nodeSettings } from './resolver-defaults.js';

const file = (text: string) => ({ settings: () => resolverSettings(text) }) as ResolvConf;

it("the node's settings are those of systemd-resolved where that alone is asked", () => {
  const resolved = file('nameserver 10.0.0.1\nsearch corp.test\n');
  const stub = file('nameserver 127.0.0.53\noptions edns0 trust-ad\nsearch corp.test\n');
  expect(nodeSettings(stub, resolved)).toMatchObject({ search: ['corp.test'], options: [] });
  const both = file('nameserver 127.0.0.53\nnameserver 10.0.0.2\noptions rotate\n');
  expect(nodeSettings(both, resolved)).toMatchObject({ search: [], options: ['rotate'] });
});
