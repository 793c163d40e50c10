import { invalid, unsupported } from '#lib/common';
import { nodeNetworkOf, type NetworkAttachment, type ServiceSpec } from '#lib/domain';

/** A service on a network of its nodes (`--network host`) asks for nothing that such a network does not have. Pure. */
export function checkNodeNetwork(spec: ServiceSpec, attached: readonly NetworkAttachment[]): void {
  const name = nodeNetworkOf(attached);
  if (name === undefined) return;
  const refuse = (what: string) => unsupported(`TaskTemplate.Networks: network ${name} is each node's own: ${what}`);
  if (attached.length > 1) throw refuse('a service on it is on no other network');
  if (attached[0]?.Aliases?.length) {
    throw invalid('network-scoped alias is supported only for containers in user defined networks');
  }
  const [option] = Object.keys(attached[0]?.DriverOpts ?? {});
  if (option !== undefined) throw refuse(`it takes no DriverOpts, and ${option} is given`);
  if (name === 'bridge') return;
  if (spec.EndpointSpec?.Ports?.length) {
    // The first half is what Docker says when it has accepted such a service.
    throw invalid(
      'rpc error: code = InvalidArgument desc = EndpointSpec: container cannot be disconnected from host network or ' +
        `connected to host network: with network ${name} no ports are published`,
    );
  }
  const { Hosts, DNSConfig } = spec.TaskTemplate.ContainerSpec ?? {};
  if (Hosts?.length) throw refuse('names are looked up as the node does, and ContainerSpec.Hosts is given');
  if (Object.values(DNSConfig ?? {}).some((list) => list?.length)) {
    throw refuse('names are looked up as the node does, and ContainerSpec.DNSConfig is given');
  }
}
