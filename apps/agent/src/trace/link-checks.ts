import type { TraceCheck } from '#lib/contracts';
import { isVirtual, type Container, type Endpoint, type Network, type ObservedLink } from '#lib/domain';
import { driverFor, entriesReady } from '#lib/drivers';
import { ownerOf, repairOf, type TraceFacts } from './facts.js';

const no = (says: string, advice: string): TraceCheck => ({ about: 'link', state: 'no', says, advice });

/** Is the container's attachment to the network in the kernel, inside the container and on the node? */
export function linkCheck(container: Container, network: Network, facts: TraceFacts): TraceCheck {
  const owner = ownerOf(container, facts);
  const endpoint = owner.endpoints.find(({ networkId }) => networkId === network.id);
  if (!endpoint || isVirtual(network)) return { about: 'link', state: 'ok', says: `${container.name} needs no link` };
  const problem = facts.problemOf(network.id);
  if (problem !== undefined) return no(problem, `skep network inspect ${network.name}; skep doctor`);
  return (
    inside(owner, endpoint, network, facts) ??
    onNode(owner, endpoint, network, facts) ??
    whole(owner, endpoint, network)
  );
}

function inside(owner: Container, { ifName, ...endpoint }: Endpoint, network: Network, facts: TraceFacts) {
  const links = facts.kernel.inside(owner.id)?.links;
  const again = `docker restart ${owner.name}`;
  const rejoin = `docker network disconnect ${network.name} ${owner.name}; docker network connect ${network.name} ${owner.name}`;
  if (!links) return no(`${owner.name} has no network namespace at this moment`, again);
  const lacks = (says: string, advice: string) => no(says, repairOf(owner, facts) ?? `${advice}; or ${again}`);
  const link = links.get(ifName);
  if (!link) return lacks(`${ifName}, by which ${owner.name} is on ${network.name}, is gone`, rejoin);
  if (!link.up) {
    const netns = facts.kernel.names.netnsPath(owner.id);
    return lacks(
      `${ifName}, by which ${owner.name} is on ${network.name}, is down`,
      `nsenter --net=${netns} ip link set ${ifName} up`,
    );
  }
  const missing = [endpoint.ipv4, endpoint.ipv6].find((each) => each !== undefined && !hasAddress(link, each));
  if (missing === undefined) return undefined;
  const has = link.addresses.filter((each) => !each.startsWith('fe80:')).join(', ') || 'none';
  return lacks(`${ifName} of ${owner.name} has lost its address ${missing} on ${network.name}: it has ${has}`, rejoin);
}

const hasAddress = ({ addresses }: ObservedLink, address: string) =>
  addresses.some((each) => each.split('/')[0] === address);

function onNode(container: Container, endpoint: Endpoint, network: Network, { kernel }: TraceFacts) {
  const { names, links } = kernel;
  const driver = driverFor(network.driver);
  const repaired = 'skep repairs that within seconds: see skep doctor where it does not';
  if (!driver.networkReady(network, kernel)) {
    const { driver: kind, uplink = '', linkName } = network;
    const byUplink = uplink !== '' && (kind === 'transparent' || !links.get(uplink)?.up);
    const name = byUplink ? uplink : linkName;
    const link = links.get(name);
    const how = !link ? `is gone` : link.up ? 'is not as skep made it' : 'is down';
    return no(`${name}, the link of network ${network.name} on this node, ${how}`, repaired);
  }
  if (network.overlay && !entriesReady(network, { host: kernel, names })) {
    return no(`${network.name} does not know all containers of other nodes: somebody changed its entries`, repaired);
  }
  const at = { container, endpoint, network, defaultRoute: { ipv4: false, ipv6: false } };
  if (driver.endpointReady(at, kernel)) return undefined;
  const veth = names.veth(container.id, network.id);
  const end = links.get(veth);
  const what = !end
    ? `the node's end of ${endpoint.ifName} is not there`
    : end.up
      ? `${veth}, the node's end of ${endpoint.ifName}, is a port of ${end.master ?? 'nothing'}`
      : `${veth}, the node's end of ${endpoint.ifName}, is down`;
  return no(`${container.name} is not plugged into ${network.name}: ${what}`, repaired);
}

function whole({ name }: Container, { ifName, ipv4, ipv6 }: Endpoint, network: Network): TraceCheck {
  const addresses = [ipv4, ipv6].filter(Boolean).join(', ');
  return { about: 'link', state: 'ok', says: `${name} is on ${network.name} by ${ifName}, ${addresses}` };
}
