import { ip, mac as macBytes } from './netlink/encode.js';

const [ARP, IPV6] = [Buffer.from('0806', 'hex'), Buffer.from('86dd', 'hex')];
const EVERYBODY = Buffer.from('ffffffffffff', 'hex');
/** ff02::1 and its MAC (RFC 2464, section 7) */
const ALL_NODES = { mac: Buffer.from('333300000001', 'hex'), ip: ip('ff02::1')! };

/**
 * The frame by which a link says, unasked, that it has an address: an ARP announcement (RFC 5227, section 3) or an
 * unsolicited neighbour advertisement (RFC 4861, section 7.2.6). Whoever knows the address by another MAC takes this one.
 * Switches learn the port from it. Pure.
 */
export function announcement(mac: string, address: string): Buffer {
  const [from, of] = [macBytes(mac), ip(address)];
  if (!from || !of) throw new RangeError(`announce ${address} with ${mac}: expected an IP and a MAC address`);
  return of.length === 4 ? arp(from, of) : advertisement(from, of);
}

/** A request, not a reply: it carries the MAC once, where those who translate MACs look for it. */
function arp(mac: Buffer, address: Buffer): Buffer {
  // Ethernet, IPv4, lengths 6 and 4, request
  const head = Buffer.from('0001080006040001', 'hex');
  return Buffer.concat([EVERYBODY, mac, ARP, head, mac, address, Buffer.alloc(6), address]);
}

function advertisement(mac: Buffer, address: Buffer): Buffer {
  // Type 136 with the override flag; then the option "target link-layer address"
  const body = Buffer.concat([Buffer.from('8800000020000000', 'hex'), address, Buffer.from('0201', 'hex'), mac]);
  // RFC 8200, section 8.1
  const pseudo = Buffer.concat([address, ALL_NODES.ip, Buffer.from([0, 0, 0, body.length, 0, 0, 0, 58])]);
  body.writeUInt16BE(checksum(Buffer.concat([pseudo, body])), 2);
  // Version 6, ICMPv6, hop limit 255: others take it for forwarded and drop it
  const head = Buffer.from([0x60, 0, 0, 0, 0, body.length, 58, 255]);
  return Buffer.concat([ALL_NODES.mac, mac, IPV6, head, address, ALL_NODES.ip, body]);
}

/** RFC 1071, of an even number of bytes. */
function checksum(bytes: Buffer): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) sum += bytes.readUInt16BE(at);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}
