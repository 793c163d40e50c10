import { describe, expect, it } from 'vitest';
import { MASKED_PATHS, READONLY_PATHS } from '../docker-api/kernel-paths.js';
import { withoutPassedOver } from './passed-over.js';

describe('what Podman would pass over', () => {
  it('is nothing where nothing is asked for', () => {
    const asked = {
      Runtime: 'runc',
      VolumeDriver: '',
      Isolation: 'default',
      DeviceRequests: null,
      MaskedPaths: null,
      DeviceCgroupRules: [],
    };
    expect(withoutPassedOver({ ...asked, Memory: 5, ContainerIDFile: '/tmp/id' })).toEqual({
      VolumeDriver: '',
      Isolation: 'default',
      Memory: 5,
      DeviceCgroupRules: [],
      SecurityOpt: [],
    });
  });

  it.each([
    [{ Runtime: 'kata' }, 'unknown or invalid runtime name: "kata"'],
    [{ VolumeDriver: 'nfs' }, 'HostConfig.VolumeDriver "nfs"'],
    [{ DeviceCgroupRules: ['c 1:3 mr'] }, 'HostConfig.DeviceCgroupRules ["c 1:3 mr"]: Podman does not do that'],
    [{ CpuCount: 2 }, 'HostConfig.CpuCount 2'],
    [{ DeviceRequests: [{ Count: -1 }] }, 'DeviceRequests'],
    [
      { DeviceRequests: [{ Driver: 'x', Capabilities: [['gpu', 'nvidia']] }] },
      'could not select device driver "x" with capabilities: [[gpu nvidia]]',
    ],
    [{ MaskedPaths: ['/proc/x'] }, 'MaskedPaths ["/proc/x"] and ReadonlyPaths null: Podman shows either all of them'],
    [{ MaskedPaths: MASKED_PATHS.slice(1), ReadonlyPaths: READONLY_PATHS }, 'MaskedPaths'],
    [{ MaskedPaths: [...MASKED_PATHS, '/proc/x'] }, 'MaskedPaths'],
    [{ MaskedPaths: MASKED_PATHS, ReadonlyPaths: [] }, 'ReadonlyPaths []'],
  ])('is refused: %j', (given, message) => {
    expect(() => withoutPassedOver(given)).toThrow(message);
  });

  it('is a cgroup namespace that is not the one that Podman gives', () => {
    const asked = (CgroupnsMode: string, own: boolean) => () => withoutPassedOver({ CgroupnsMode }, own);
    expect(asked('host', true)).toThrow('HostConfig.CgroupnsMode "host": Podman gives each container');
    for (const same of [asked('host', false), asked('private', true), asked('', true)]) expect(same).not.toThrow();
  });

  it('is said in another way where there is one', () => {
    const given = { MaskedPaths: [], ReadonlyPaths: [], SecurityOpt: ['no-new-privileges'] };
    expect(withoutPassedOver(given)).toEqual({ SecurityOpt: ['no-new-privileges', 'unmask=ALL'] });
  });

  const docker20 = MASKED_PATHS.filter((path) => !path.endsWith('powercap'));
  const docker28 = [...MASKED_PATHS, '/proc/interrupts', '/sys/devices/system/cpu/cpu0/thermal_throttle'];
  it.each([
    ['an inspection here', MASKED_PATHS],
    ['Docker 20.10', docker20],
    ['Docker 28', docker28],
    ['an order of its own', [...docker28].sort()],
  ])('is nothing where the lists are those that inspections show: %s', (_whose, MaskedPaths) => {
    expect(withoutPassedOver({ MaskedPaths, ReadonlyPaths: [...READONLY_PATHS].reverse() })).toEqual({
      SecurityOpt: [],
    });
    expect(withoutPassedOver({ MaskedPaths, ReadonlyPaths: null })).toEqual({ SecurityOpt: [] });
  });
});
