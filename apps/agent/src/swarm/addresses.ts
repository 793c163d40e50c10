import { invalid } from '#lib/common';
import type { ObservedLink } from '#lib/domain';

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

/** The address that others reach this node at, where there is no choice. Docker's words where there is. */
export function onlyAdvertisable(links: readonly ObservedLink[], ours: string): string {
  const outside = links.filter((link) => link.name !== 'lo' && link.up && !link.name.startsWith(ours));
  const found = outside.flatMap((link) => globals(link).map((address) => ({ address, link: link.name })));
  if (found.length === 1) return found[0]!.address;
  const hint = '- specify one with --advertise-addr';
  if (found.length === 0) throw invalid(`could not find the system's IP address ${hint}`);
  const listed = found.map(({ address, link }) => `${address} on ${link}`).join(', ');
  throw invalid(
    `could not choose an IP address to advertise since this system has multiple addresses (${listed}) ${hint}`,
  );
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

function globals(link: ObservedLink): string[] {
  const plain = link.addresses.map((each) => each.split('/')[0]!);
  const v4 = plain.filter((each) => !each.includes(':') && !each.startsWith('169.254.'));
  return v4.length > 0 ? v4 : plain.filter((each) => each.includes(':') && !/^fe[89ab]/i.test(each));
}

function withPort(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
