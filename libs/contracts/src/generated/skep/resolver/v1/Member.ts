// Original file: libs/contracts/src/resolver.proto

import type { ServicePortInput as _skep_resolver_v1_ServicePortInput, ServicePort as _skep_resolver_v1_ServicePort } from '../../../skep/resolver/v1/ServicePort.js';

/**
 * One endpoint of the network.
 */
export interface MemberInput {
  'containerId'?: (string);
  'containerName'?: (string);
  'service'?: (string);
  /**
   * container name, short id, hostname: this container alone
   */
  'names'?: (string)[];
  /**
   * aliases and the service name: every container that has them, healthy ones only
   */
  'sharedNames'?: (string)[];
  /**
   * IPv4 and IPv6, without prefix length
   */
  'addresses'?: (string)[];
  /**
   * why it is left out of answers (stopped, starting, unhealthy); empty: it is answered
   */
  'withheld'?: (string);
  'ports'?: (_skep_resolver_v1_ServicePortInput)[];
  /**
   * has no process: left out of tasks.<service> and of its own names as well
   */
  'stopped'?: (boolean);
  /**
   * not a container: the address of a service, which its shared names lead to instead of its replicas
   */
  'virtual'?: (boolean);
}

/**
 * One endpoint of the network.
 */
export interface Member {
  'containerId': (string);
  'containerName': (string);
  'service': (string);
  /**
   * container name, short id, hostname: this container alone
   */
  'names': (string)[];
  /**
   * aliases and the service name: every container that has them, healthy ones only
   */
  'sharedNames': (string)[];
  /**
   * IPv4 and IPv6, without prefix length
   */
  'addresses': (string)[];
  /**
   * why it is left out of answers (stopped, starting, unhealthy); empty: it is answered
   */
  'withheld': (string);
  'ports': (_skep_resolver_v1_ServicePort)[];
  /**
   * has no process: left out of tasks.<service> and of its own names as well
   */
  'stopped': (boolean);
  /**
   * not a container: the address of a service, which its shared names lead to instead of its replicas
   */
  'virtual': (boolean);
}
