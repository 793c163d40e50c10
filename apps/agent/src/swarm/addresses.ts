import { isIP } from 'node:net';
import { invalid } from '#lib/common';
import type { ObservedLink } from '#lib/domain';
import { formatAddress, parseAddress } from '#lib/ipam';

/** Docker's port of managers. */
export const CLUSTER_PORT = 2377;

/** `ADDRESS[:PORT]`, `INTERFACE[:PORT]` or nothing, as `--advertise-addr` and `--listen-addr` have it → `ADDRESS:PORT`. */
export function addressAndPort(
  option: string,
  text: string,
  links: readonly ObservedLink[],
  otherwise: () => string,
  port = CLUSTER_PORT,
): string {
  if (text === '') return withPort(otherwise(), port);
  const [, bracketed, plain = '', asked] = /^(?:\[([0-9a-fA-F:]+)\]|([^:]+))(?::(\d+))?$/.exec(text) ?? [
    '',
    /^[0-9a-fA-F:]+$/.test(text) ? text : undefined,
  ];
  const host = bracketed ?? plain;
  const chosen = asked === undefined ? port : Number(asked);
  if (host === '' || chosen < 1 || chosen > 65535) {
    throw invalid(`invalid ${option} ${JSON.stringify(text)}: expected ADDRESS or INTERFACE, with :PORT or without`);
  }
  const link = links.find((each) => each.name === host);
  if (link) return withPort(onlyAddress(option, link), chosen);
  if (!/^[\d.]+$|:/.test(host)) {
    const names = links.map((each) => each.name).filter((name) => name !== 'lo');
    throw invalid(
      `invalid ${option} ${JSON.stringify(text)}: there is no interface ${host}; there are ${names.join(', ')}`,
    );
  }
  return withPort(host, chosen);
}

/**
 * The address of this node that others reach by the announced one: that itself, where a link has it. Otherwise something on
 * the way translates it, as clouds do, and it is the one that the node listens on, or its only one; undefined: who knows.
 */
export function localAddress(
  announced: string,
  listens: string,
  links: readonly ObservedLink[],
  ours: string,
): string | undefined {
  const own = (address: string) => {
    const plain = plainText(address);
    return links.flatMap(addressesOf).find((each) => plainText(each) === plain);
  };
  const [itself, listening] = [own(announced), own(listens)];
  if (itself !== undefined) return itself;
  const isLike = (address: string) => address.includes(':') === announced.includes(':');
  const candidates = listening === undefined ? outsideLinks(links, ours).flatMap(routed) : [listening];
  const [only, ...others] = candidates.filter(isLike);
  return others.length === 0 ? only : undefined;
}

/** The address that others reach this node at, where there is no choice. Docker's words where there is. */
export function onlyAdvertisable(links: readonly ObservedLink[], ours: string): string {
  const found = advertisable(links, ours);
  if (found.length === 1) return found[0]!.address;
  const hint = '- specify one with --advertise-addr';
  if (found.length === 0) throw invalid(`could not find the system's IP address ${hint}`);
  const listed = found.map(({ address, link }) => `${address} on ${link}`).join(', ');
  throw invalid(
    `could not choose an IP address to advertise since this system has multiple addresses (${listed}) ${hint}`,
  );
}

function advertisable(links: readonly ObservedLink[], ours: string): { address: string; link: string }[] {
  return outsideLinks(links, ours).flatMap((link) => globals(link).map((address) => ({ address, link: link.name })));
}

function outsideLinks(links: readonly ObservedLink[], ours: string): ObservedLink[] {
  return links.filter((link) => link.name !== 'lo' && link.up && !link.name.startsWith(ours));
}

/** Without the port. */
export function hostOf(address: string): string {
  return address.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
}

function onlyAddress(option: string, link: ObservedLink): string {
  const [first, ...others] = globals(link);
  if (first !== undefined && others.length === 0) return first;
  const found = first === undefined ? 'no address' : `several addresses (${[first, ...others].join(', ')})`;
  throw invalid(`invalid ${option} ${link.name}: the interface has ${found}: name the address itself`);
}

/** IPv6 addresses only where it has no others. */
function globals(link: ObservedLink): string[] {
  const all = routed(link);
  const v4 = all.filter((each) => !each.includes(':'));
  return v4.length > 0 ? v4 : all;
}

/** Those that others may reach. */
function routed(link: ObservedLink): string[] {
  return addressesOf(link).filter((each) => !/^(169\.254\.|fe[89ab])/i.test(each));
}

const addressesOf = ({ addresses }: ObservedLink) => addresses.map((each) => each.split('/')[0]!);

/** One of the ways to write an IPv6 address. */
function plainText(address: string): string {
  if (isIP(address) === 0) return address;
  const { family, value } = parseAddress(address, 'address');
  return formatAddress(family, value);
}

export function withPort(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
