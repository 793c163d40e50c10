import { createHash } from 'node:crypto';
import type { Service, ServiceSpec, Task } from '#lib/domain';
import { isIngress, usesIngress } from '../ingress/ingress.js';
import { canonicalSpec } from './canonical-spec.js';
import { withTaskDefaults } from './task-defaults.js';

type Asked = Pick<ServiceSpec, 'TaskTemplate' | 'EndpointSpec'>;

/**
 * Of the part of a service's spec that its tasks follow from: equal ones make equal tasks. Ports that lead in from every
 * node are the nodes' own; tasks only need an address on the ingress network for them. Pure.
 */
export function taskDigest(spec: Asked): string {
  return digestOf(canonicalSpec(decisive(spec)));
}

/** Would both make equal tasks? Clients send back what they were shown with its defaults, which were not said before. Pure. */
export function makeEqualTasks(one: Asked, other: Asked): boolean {
  const said = (spec: Asked) => taskDigest({ ...spec, TaskTemplate: withTaskDefaults(spec.TaskTemplate) });
  return said(one) === said(other);
}

/** As older versions of skep made it: their tasks still say so, and are not to restart for that. */
export function literalTaskDigest(spec: Asked): string {
  return digestOf(decisive(spec));
}

/**
 * Is a task what the service's spec of now would make? One of another version may be: what came between was taken back
 * before it had its turn. One of a job's earlier run is not, whatever it is made of.
 */
export function currentIn(service: Pick<Service, 'spec' | 'specVersion' | 'jobIteration'>): (task: Task) => boolean {
  let known: string[] | undefined;
  const digests = () => (known ??= [taskDigest(service.spec), literalTaskDigest(service.spec)]);
  return ({ specVersion, specDigest, ports, jobIteration }) => {
    if (jobIteration !== service.jobIteration) return false;
    if (specVersion === service.specVersion) return true;
    const reachable = !usesIngress(service.spec) || ports.some(isIngress);
    return specDigest !== undefined && reachable && digests().includes(specDigest);
  };
}

function decisive({ TaskTemplate, EndpointSpec }: Asked) {
  return [TaskTemplate, (EndpointSpec?.Ports ?? []).filter((port) => !isIngress(port))];
}

function digestOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('base64url');
}
