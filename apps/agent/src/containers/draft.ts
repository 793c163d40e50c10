import type { Container, PortRequest } from '#lib/domain';
import type { AttachmentRequest } from '../ipam/grant-endpoints.js';

/** A container without what only the node can give: addresses and free ports. */
export interface Draft extends Omit<Container, 'endpoints' | 'ports' | 'portRequests'> {
  attachments: AttachmentRequest[];
  portRequests: PortRequest[];
}
