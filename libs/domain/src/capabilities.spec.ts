import { describe, expect, it } from 'vitest';
import { administersNetwork } from './capabilities.js';

const of = (HostConfig?: Record<string, unknown>) =>
  administersNetwork({ spec: { Image: 'demo', ...(HostConfig && { HostConfig }) } });

describe('administersNetwork', () => {
  it.each([
    { CapAdd: ['NET_ADMIN'] },
    { CapAdd: ['cap_net_admin'] },
    { CapAdd: ['ALL'] },
    { CapAdd: ['SYS_TIME', 'CAP_NET_ADMIN'], CapDrop: ['ALL'] },
    { Privileged: true, CapDrop: ['NET_ADMIN'] },
  ])('with %j', (host) => expect(of(host)).toBe(true));

  it.each([
    undefined,
    {},
    { CapAdd: null, Privileged: false },
    { CapAdd: ['NET_RAW'] },
    { CapAdd: ['ALL'], CapDrop: ['CAP_NET_ADMIN'] },
  ])('not with %j', (host) => expect(of(host)).toBe(false));
});
