import { createHash } from 'node:crypto';
import type { Service, ServiceSpec, Task } from '#lib/domain';
import { isIngress, usesIngress } from '../ingress/ingress.js';

/**
 * Of the part of a service's spec that its tasks follow from: equal ones make equal tasks. Ports that lead in from every
 * node are the nodes' own; tasks only need an address on the ingress network for them. Pure.
 */
export function taskDigest({ TaskTemplate, EndpointSpec }: Pick<ServiceSpec, 'TaskTemplate' | 'EndpointSpec'>): string {
  const ownPorts = (EndpointSpec?.Ports ?? []).filter((port) => !isIngress(port));
  return createHash('sha256')
    .update(JSON.stringify([TaskTemplate, ownPorts]))
    .digest('base64url');
}

/**
 * Is a task what the service's spec of now would make? One of another version may be: what came between was taken back
 * before it had its turn.
 */
export function currentIn(service: Pick<Service, 'spec' | 'specVersion'>): (task: Task) => boolean {
  let known: string | undefined;
  const digest = () => (known ??= taskDigest(service.spec));
  return ({ specVersion, specDigest, ports }) => {
    if (specVersion === service.specVersion) return true;
    const reachable = !usesIngress(service.spec) || ports.some(isIngress);
    return specDigest !== undefined && reachable && specDigest === digest();
  };
}
