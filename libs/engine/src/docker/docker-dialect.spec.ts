import { describe, expect, it } from 'vitest';
import { createBody } from '../docker-api/create-body.js';
import type { EngineCreate } from '../engine.js';
import { dockerDialect } from './docker-dialect.js';

function hostConfigOf(HostConfig: Record<string, unknown>, network: EngineCreate['network']) {
  const request = { name: 'c', spec: { Image: 'i', HostConfig }, labels: {}, network, mounts: [] };
  return createBody(request, dockerDialect)['HostConfig'] as Record<string, unknown>;
}

const own = { netnsPath: '/run/netns/n' };

describe('a container for Docker Engine', () => {
  it("enters its namespace by skep's runtime", () => {
    expect(hostConfigOf({ Memory: 1024, Sysctls: { 'net.core.somaxconn': '5' } }, own)).toMatchObject({
      Memory: 1024,
      NetworkMode: 'none',
      Runtime: 'skep',
      Sysctls: { 'net.core.somaxconn': '5', 'skep.netns': '/run/netns/n' },
    });
  });

  it('cannot choose its namespace by the sysctl itself', () => {
    const { Sysctls } = hostConfigOf({ Sysctls: { 'skep.netns': '/proc/1/ns/net' } }, own);
    expect(Sysctls).toEqual({ 'skep.netns': '/run/netns/n' });
  });

  it.each([
    [{ mode: 'none' } as const, 'none'],
    [{ mode: 'host' } as const, 'host'],
    [{ container: 'abc' }, 'container:abc'],
  ])('%j: by the runtime that is asked for', (network, NetworkMode) => {
    const body = hostConfigOf({ Runtime: 'kata' }, network);
    expect(body).toMatchObject({ NetworkMode, Runtime: 'kata' });
    expect(body).not.toHaveProperty('Sysctls');
  });

  it('refuses a runtime that knows nothing of the namespace', () => {
    expect(() => hostConfigOf({ Runtime: 'kata' }, own)).toThrow('runtime "kata": with Docker Engine underneath');
    expect(hostConfigOf({ Runtime: 'runc' }, own)['Runtime']).toBe('skep');
  });
});
