import { describe, expect, it } from 'vitest';
import { plan } from './plan.js';
import { container, desired, find, kinds, observed, settled, volume } from './testing/fixtures.js';

const mounting = (service: string, hostConfig: Record<string, unknown>) =>
  container(service, [], { networkMode: 'none', spec: { Image: 'demo', HostConfig: hostConfig } });

describe('volumes', () => {
  it('are there before the containers that mount them, and hold up no other', () => {
    const bound = mounting('bound', { Binds: ['p_data:/data:rw', '/srv/other:/srv', '/cache'] });
    const mounted = mounting('mounted', {
      Mounts: [
        { Type: 'volume', Source: 'p_data', Target: '/data' },
        { Type: 'volume', Target: '/nameless' },
        { Type: 'bind', Source: '/srv', Target: '/srv' },
      ],
    });
    const without = mounting('without', {});
    const state = desired({
      containers: [bound, mounted, without],
      volumes: [volume('p_data'), volume('other'), volume('unmakable', { driver: 'nowhere' })],
    });
    const next = plan(state, observed());
    const after = ({ id }: { id: string }) => find(next, 'container.create', id)?.after;
    expect(after(bound)).toEqual(['volume.create p_data']);
    expect(after(mounted)).toEqual(['volume.create p_data']);
    expect(after(without)).toEqual([]);
  });

  it('go after the containers of their project', () => {
    const web = { ...mounting('web', {}), target: 'removed' as const };
    const state = desired({ containers: [web], volumes: [volume('p_data', { target: 'removed' })] });
    const next = plan(state, settled(state));
    expect(kinds(next)).toContain('volume.remove');
    expect(find(next, 'volume.remove')?.after).toEqual([`container.remove ${web.id}`]);
  });
});
