import type { Container, PortRequest } from '#lib/domain';

/** An attachment as asked for; addresses that are absent are chosen by the IPAM. */
export interface AttachmentRequest {
  /** name of the network on the node */
  network: string;
  ifName?: string;
  ipv4?: string;
  ipv6?: string;
  mac?: string;
  linkLocal?: string[];
  driverOptions?: Record<string, string>;
  sysctls?: Record<string, string>;
  aliases: string[];
  links: Record<string, string>;
  gwPriority: number;
  priority: number;
}

/** A container without what only the node can give: addresses and free ports. */
export interface Draft extends Omit<Container, 'endpoints' | 'ports' | 'portRequests'> {
  attachments: AttachmentRequest[];
  portRequests: PortRequest[];
}
