import type { IpLine } from '../../host.js';
import { addressRequest, routeRequest } from './address-requests.js';
import { linkRequest } from './link-requests.js';
import type { Request } from './request.js';

/**
 * The request that does what the line says; undefined for everything that is not spoken here. What is: making bridges
 * and veth pairs, setting links up and into bridges, removing them, addresses, and routes by a gateway.
 */
export function requestFor(line: IpLine): Request | undefined {
  const [object, verb = '', ...words] = line;
  if (object === 'link') return linkRequest(verb, words);
  if (object === 'addr') return addressRequest(verb, words);
  return object === 'route' ? routeRequest(verb, words) : undefined;
}
