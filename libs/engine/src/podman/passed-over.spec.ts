import { describe, expect, it } from 'vitest';
import { withoutPassedOver } from './passed-over.js';

describe('what Podman would pass over', () => {
  it('is nothing where nothing is asked for', () => {
    const asked = { Runtime: 'runc', VolumeDriver: '', Isolation: 'default', DeviceRequests: null, MaskedPaths: null };
    expect(withoutPassedOver({ ...asked, Memory: 5, ContainerIDFile: '/tmp/id' })).toEqual({
      VolumeDriver: '',
      Isolation: 'default',
      Memory: 5,
      SecurityOpt: [],
    });
  });

  it.each([
    [{ Runtime: 'kata' }, 'unknown or invalid runtime name: "kata"'],
    [{ VolumeDriver: 'nfs' }, 'HostConfig.VolumeDriver "nfs"'],
    [{ CpuCount: 2 }, 'HostConfig.CpuCount 2'],
    [{ DeviceRequests: [{ Count: -1 }] }, 'DeviceRequests'],
    [
      { DeviceRequests: [{ Driver: 'x', Capabilities: [['gpu', 'nvidia']] }] },
      'could not select device driver "x" with capabilities: [[gpu nvidia]]',
    ],
    [{ MaskedPaths: ['/proc/x'] }, 'MaskedPaths'],
  ])('is refused: %j', (given, message) => {
    expect(() => withoutPassedOver(given)).toThrow(message);
  });

  it('is said in another way where there is one', () => {
    const given = { MaskedPaths: [], ReadonlyPaths: [], SecurityOpt: ['no-new-privileges'] };
    expect(withoutPassedOver(given)).toEqual({ SecurityOpt: ['no-new-privileges', 'unmask=ALL'] });
  });
});
