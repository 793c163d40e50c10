// Original file: libs/contracts/src/resolver.proto

import type { AttachmentInput as _skep_resolver_v1_AttachmentInput, Attachment as _skep_resolver_v1_Attachment } from '../../../skep/resolver/v1/Attachment.js';

/**
 * One container that asks.
 */
export interface SandboxInput {
  /**
   * container id
   */
  'id'?: (string);
  /**
   * container name
   */
  'name'?: (string);
  'netnsPath'?: (string);
  /**
   * in the order in which names are looked up
   */
  'attachments'?: (_skep_resolver_v1_AttachmentInput)[];
  /**
   * address[:port] or [v6]:port; the container's own servers, asked from its namespace
   */
  'upstreams'?: (string)[];
  'search'?: (string)[];
  /**
   * single-label names are forwarded only when 0
   */
  'ndots'?: (number);
  /**
   * private names of this asker: name -> container or service name
   */
  'links'?: ({[key: string]: string});
  /**
   * the daemon's servers, where upstreams is empty; asked from the node
   */
  'defaultUpstreams'?: (string)[];
}

/**
 * One container that asks.
 */
export interface Sandbox {
  /**
   * container id
   */
  'id': (string);
  /**
   * container name
   */
  'name': (string);
  'netnsPath': (string);
  /**
   * in the order in which names are looked up
   */
  'attachments': (_skep_resolver_v1_Attachment)[];
  /**
   * address[:port] or [v6]:port; the container's own servers, asked from its namespace
   */
  'upstreams': (string)[];
  'search': (string)[];
  /**
   * single-label names are forwarded only when 0
   */
  'ndots': (number);
  /**
   * private names of this asker: name -> container or service name
   */
  'links': ({[key: string]: string});
  /**
   * the daemon's servers, where upstreams is empty; asked from the node
   */
  'defaultUpstreams': (string)[];
}
