import { describe, expect, it } from 'vitest';
import type { PortConfig, Service } from '#lib/domain';
import { allocatePorts } from './ports.js';

const service = (name: string, asked: PortConfig[], ports: PortConfig[] = []): Service => ({
  id: `${name}-id`,
  createdAt: '',
  updatedAt: '',
  spec: { Name: name, TaskTemplate: {}, EndpointSpec: { Ports: asked } },
  specVersion: 1,
  virtualAddresses: {},
  ports,
});
const http: PortConfig = { TargetPort: 80, PublishedPort: 8080, Protocol: 'tcp', PublishMode: 'ingress' };
const onNode: PortConfig = { ...http, PublishMode: 'host' };
const any: PortConfig = { TargetPort: 80, Protocol: 'tcp', PublishMode: 'ingress' };

describe('allocatePorts', () => {
  it('takes a port that says little as one of TCP on every node', () => {
    expect(allocatePorts(service('web', [{ TargetPort: 80, PublishedPort: 8080 }]), [])).toEqual([http]);
  });

  it.each([
    ['every node', http, [http], "port '8080' is already in use by service 'old' (old-id) as an ingress port"],
    ['its node', onNode, [http], "port '8080' is already in use by service 'old' (old-id) as an ingress port"],
    ['every node', http, [onNode], "port '8080' is already in use by service 'old' (old-id) as a host-published port"],
  ])('refuses on %s what another service has', (_, asked, held, says) => {
    expect(() => allocatePorts(service('web', [asked]), [service('old', held, held)])).toThrow(says);
  });

  it('leaves ports of single nodes to the scheduler', () => {
    expect(allocatePorts(service('web', [onNode]), [service('old', [onNode], [onNode])])).toEqual([onNode]);
    expect(allocatePorts(service('web', [{ ...onNode, PublishedPort: 0 }]), [])[0]!.PublishedPort).toBe(0);
  });

  it('holds the same number of another protocol, and its own', () => {
    const udp: PortConfig = { ...http, Protocol: 'udp' };
    expect(allocatePorts(service('web', [http, udp], [http]), [service('web', [http], [http])])).toEqual([http, udp]);
    expect(allocatePorts(service('web', [http]), [service('dns', [udp], [udp])])).toEqual([http]);
  });

  it('chooses a port that nobody has or asks for, and keeps it', () => {
    const asked = [any, { ...http, PublishedPort: 30_000 }, { ...any, TargetPort: 81 }];
    const others = [service('old', [], [{ ...http, PublishedPort: 30_001 }])];
    const chosen = allocatePorts(service('web', asked), others);
    expect(chosen.map(({ PublishedPort }) => PublishedPort)).toEqual([30_002, 30_000, 30_003]);
    const again = allocatePorts(service('web', [asked[2]!, asked[0]!], chosen), []);
    expect(again.map(({ PublishedPort }) => PublishedPort)).toEqual([30_003, 30_002]);
  });

  it('says when there is none left', () => {
    const all = Array.from({ length: 2768 }, (_, index) => ({ ...http, PublishedPort: 30_000 + index }));
    expect(() => allocatePorts(service('web', [any]), [service('old', all, all)])).toThrow(
      'no free ingress port is left in 30000-32767/tcp',
    );
  });
});
