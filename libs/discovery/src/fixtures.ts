// Made-up networks and questions for the tests of this library.
import packet, { type Answer, type Packet } from 'dns-packet';
import type { Member, Sandbox, Zone } from './names/model.js';

export const member = (containerName: string, address: string | string[], more: Partial<Member> = {}): Member => ({
  containerId: Buffer.from(containerName).toString('hex').padEnd(64, '0'),
  containerName,
  service: '',
  names: [containerName],
  sharedNames: [],
  addresses: [address].flat(),
  withheld: '',
  stopped: false,
  virtual: false,
  ports: [],
  ...more,
});

/** A replica of a service: its names are its container's and its service's. */
export const replica = (service: string, number: number, address: string | string[], more: Partial<Member> = {}) =>
  member(`${service}-${number}`, address, { service, sharedNames: [service], ...more });

export const zone = (networkName: string, members: Member[], more: Partial<Zone> = {}): Zone => ({
  networkId: `id-${networkName}`,
  networkName,
  ttl: 5,
  internal: false,
  upstreams: [],
  members,
  gateway: '',
  ...more,
});

export const sandbox = (networks: string[], more: Partial<Sandbox> = {}): Sandbox => ({
  id: 'asker',
  name: 'asker',
  attachments: networks.map((name) => ({ networkId: `id-${name}` })),
  upstreams: [],
  defaultUpstreams: [],
  ndots: 1,
  links: {},
  ...more,
});

export type Edns = { udpPayloadSize: number; flags?: number };

/** A question as another implementation writes it. */
export function question(name: string, type: string, edns?: Edns): Uint8Array {
  const opt = { type: 'OPT', name: '.', udpPayloadSize: edns?.udpPayloadSize ?? 0, extendedRcode: 0, ednsVersion: 0 };
  return packet.encode({
    type: 'query',
    id: 0x1234,
    flags: packet.RECURSION_DESIRED,
    questions: [{ type: type as 'A', name }],
    additionals: edns ? ([{ ...opt, flags: edns.flags ?? 0, flag_do: false, options: [] }] as unknown as Answer[]) : [],
  });
}

export type Decoded = Packet & {
  rcode: string;
  flag_tc: boolean;
  flag_aa: boolean;
  flag_ra: boolean;
  flag_rd: boolean;
};

/** An answer as another implementation reads it. */
export const decoded = (bytes: Uint8Array): Decoded => packet.decode(Buffer.from(bytes)) as Packet as Decoded;

/** What the records of the answer section hold. */
export const data = (message: Packet): unknown[] =>
  (message.answers ?? []).map((answer) => (answer as { data: unknown }).data);
