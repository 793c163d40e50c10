import { newId } from '#lib/common';
import { NodeNames } from '#lib/domain';
import { driverFor, RULE_SOURCES } from '#lib/drivers';
import { attach, container, contextOn, network, published } from '../../libs/drivers/src/testing/fixtures.js';
import type { Lab } from '../../libs/drivers/src/testing/lab.js';
import { IPERF_PORT, type Place } from './iperf.js';
import { GATEWAY, NAT, PUBLISHED, type Driver } from './topology.js';

const ADDRESS = '192.0.2.20';

/** A network with one endpoint on the lab's own node, as the drivers make it, with the node's whole firewall. */
export async function bySkep(lab: Lab, driver: Driver): Promise<Place & { remove: () => Promise<void> }> {
  const { host } = lab;
  const names = new NodeNames(newId());
  const context = contextOn(host, names);
  const nat = driver === 'nat';
  const made = network(names, 'bench', [], {
    driver,
    pools: [nat ? { subnet: NAT.subnet, gateway: NAT.gateway } : { subnet: '192.0.2.0/24', gateway: GATEWAY }],
    ...(!nat && { uplink: 'up0' }),
  });
  const ports = nat ? [published(PUBLISHED, { containerPort: IPERF_PORT })] : [];
  const at = attach(made, container('box', ports), { ipv4: nat ? NAT.address : ADDRESS });
  const netns = names.netns(at.container.id);
  await driverFor(driver).ensureNetwork(made, context);
  at.endpoint.mac = driverFor(driver).endpointMac?.({ seed: at.endpoint.mac }, made, host.links()) ?? at.endpoint.mac;
  await host.createNetns(netns);
  await driverFor(driver).ensureEndpoint(at, context);
  const links = new Map(host.links().map((link) => [link.name, link]));
  for (const source of RULE_SOURCES) {
    const containers = [at.container];
    host.nft(source.rules({ names, networks: [made], containers, attached: containers, services: [], links }));
  }
  const reached = nat ? { address: '192.0.2.1', port: PUBLISHED } : { address: ADDRESS, port: IPERF_PORT };
  return { netns, ...reached, remove: () => host.removeNetns(netns) };
}
