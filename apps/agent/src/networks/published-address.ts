import { isIP } from 'node:net';
import { invalid, unsupported } from '#lib/common';

/**
 * The address of the node that a port is published on, as somebody asks for it. Empty: every address, of both families.
 * The kernel does not route answers to ::1 from another link.
 */
export function publishedAddress(text: string): string {
  if (text === '') return text;
  if (!isIP(text)) throw invalid(`invalid IP address: ${text}`);
  if (text.includes('%')) {
    throw invalid(`invalid IP address: ${text}: an address with a zone is of one link alone; leave out the zone`);
  }
  if (text === '::1') {
    throw unsupported('a port cannot be published on ::1: 127.0.0.1, another address of the node or none is accepted');
  }
  return text;
}
