import { invalid } from '#lib/common';
import { DRIVER_ALIASES, type Container, type Network, type NetworkMode, type WantedAttachment } from '#lib/domain';
import type { AttachmentRequest } from '../../ipam/grant-endpoints.js';
import { earlyWish } from '../../networks/wanted-attachments.js';
import { hostConfig, type CreateBody, type EndpointSettings, type HostConfigBody } from './create-body.js';
import { endpointOptions, linkLocalOf } from '../../containers/endpoint-options.js';

/** What names in a request stand for. Each throws `not_found` in Docker's words. */
export interface Named {
  network(idOrName: string): Network;
  container(idOrName: string): Container;
}

/**
 * NetworkDisabled is another word for the mode `none`; who shares another container's network has that one's.
 * @param bridgeless the node has no default network, and is to have none: who asks for no other is on none
 */
export function withoutNetwork(body: CreateBody, bridgeless: boolean): CreateBody {
  const host = body.HostConfig ?? hostConfig.parse({});
  const mode = host.NetworkMode ?? '';
  if (mode.startsWith('container:')) return body;
  const names = askedNames(mode, body.NetworkingConfig?.EndpointsConfig ?? {});
  if (!body.NetworkDisabled && !(bridgeless && names.every((name) => UNSAID.includes(name)))) return body;
  return { ...body, HostConfig: { ...host, NetworkMode: 'none' }, NetworkingConfig: undefined };
}

/** HostConfig.NetworkMode: what Docker's clients send when nobody named a network means `nat`. */
export function networkModeOf(mode: string, named: Named): NetworkMode {
  if (mode === 'none' || mode === 'host') return mode;
  if (mode.startsWith('container:')) return `container:${named.container(mode.slice('container:'.length)).id}`;
  return 'bridged';
}

/** NetworkMode of a request that asks for no network by it. */
export const UNSAID: readonly string[] = ['', 'default', 'bridge'];

/**
 * The networks that a new container is attached to: that of its mode, and those of EndpointsConfig. The mode's comes
 * first; links and MAC address of the container as a whole belong to the first.
 */
export function attachmentsOf(
  host: HostConfigBody,
  endpoints: Readonly<Record<string, EndpointSettings>>,
  mac: string | undefined,
  named: Named,
): AttachmentRequest[] {
  const settings = new Map<Network, EndpointSettings>();
  for (const name of askedNames(host.NetworkMode ?? '', endpoints)) {
    settings.set(named.network(defaulted(name)), endpoints[name]);
  }
  return [...settings].map(([network, value], index) => {
    const attachment = attachmentOf(network, value, named);
    if (index > 0) return attachment;
    const links = { ...linksOf(host.Links ?? [], named), ...attachment.links };
    return { ...attachment, links, mac: attachment.mac ?? mac };
  });
}

/** Those of them that only the swarm may know, before any network is looked up. */
export function clusterWishes(
  container: { id: string; name: string },
  host: HostConfigBody,
  endpoints: Readonly<Record<string, EndpointSettings>>,
): WantedAttachment[] {
  const mode = host.NetworkMode ?? '';
  if (mode === 'none' || mode === 'host' || mode.startsWith('container:')) return [];
  const names = new Set(askedNames(mode, endpoints).map(defaulted));
  return [...names].map((name) => clusterWish(container, name, endpoints[name]));
}

/** As the request names them. As in Docker, nobody who names networks only in EndpointsConfig joins the default one, too. */
function askedNames(mode: string, endpoints: Readonly<Record<string, EndpointSettings>>): string[] {
  const names = Object.keys(endpoints);
  const others =
    UNSAID.includes(mode) && names.length > 0 && !names.some((name) => defaulted(name) === defaulted(mode));
  return others ? names : [mode, ...names];
}

export function clusterWish(
  container: { id: string; name: string },
  network: string,
  settings: EndpointSettings,
): WantedAttachment {
  const { IPAMConfig: ipam, MacAddress } = settings ?? {};
  return earlyWish(container, network, {
    mac: macOf(MacAddress),
    ipv4: ipam?.IPv4Address || undefined,
    ipv6: ipam?.IPv6Address || undefined,
  });
}

export function attachmentOf(network: Network, settings: EndpointSettings, named: Named): AttachmentRequest {
  const { IPAMConfig: ipam, Aliases = [], Links = [], MacAddress, GwPriority = 0, DriverOpts = {} } = settings ?? {};
  return {
    network: network.name,
    ...endpointOptions(DriverOpts),
    linkLocal: linkLocalOf(ipam?.LinkLocalIPs),
    ipv4: ipam?.IPv4Address || undefined,
    ipv6: ipam?.IPv6Address || undefined,
    mac: macOf(MacAddress),
    aliases: Aliases,
    links: linksOf(Links, named),
    gwPriority: GwPriority,
    priority: 0,
  };
}

/** `TARGET[:ALIAS]` → alias → target's name. */
function linksOf(links: readonly string[], named: Named): Record<string, string> {
  return Object.fromEntries(
    links.map((link) => {
      const [target = '', alias] = link.split(':');
      const { name } = named.container(target);
      return [alias?.split('/').at(-1) || name, name];
    }),
  );
}

function macOf(text: string | undefined): string | undefined {
  if (text === undefined || text === '') return undefined;
  if (/^[0-9a-f]{2}([:-][0-9a-f]{2}){5}$/i.test(text)) return text.replaceAll('-', ':').toLowerCase();
  throw invalid(`invalid MacAddress ${JSON.stringify(text)}: expected six bytes such as 02:42:ac:11:00:02`);
}

function defaulted(name: string): string {
  return name === '' ? 'nat' : (DRIVER_ALIASES[name] ?? name);
}
