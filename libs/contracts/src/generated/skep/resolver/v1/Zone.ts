// Original file: libs/contracts/src/resolver.proto

import type { MemberInput as _skep_resolver_v1_MemberInput, Member as _skep_resolver_v1_Member } from '../../../skep/resolver/v1/Member.js';

/**
 * The names of one network.
 */
export interface ZoneInput {
  'networkId'?: (string);
  'networkName'?: (string);
  /**
   * seconds
   */
  'ttl'?: (number);
  /**
   * nothing is forwarded for it
   */
  'internal'?: (boolean);
  /**
   * the network's own dnsservers, before the sandbox's, asked from its namespace as well
   */
  'upstreams'?: (string)[];
  'members'?: (_skep_resolver_v1_MemberInput)[];
  /**
   * the node's address on this network: host.docker.internal, gateway.docker.internal
   */
  'gateway'?: (string);
}

/**
 * The names of one network.
 */
export interface Zone {
  'networkId': (string);
  'networkName': (string);
  /**
   * seconds
   */
  'ttl': (number);
  /**
   * nothing is forwarded for it
   */
  'internal': (boolean);
  /**
   * the network's own dnsservers, before the sandbox's, asked from its namespace as well
   */
  'upstreams': (string)[];
  'members': (_skep_resolver_v1_Member)[];
  /**
   * the node's address on this network: host.docker.internal, gateway.docker.internal
   */
  'gateway': (string);
}
