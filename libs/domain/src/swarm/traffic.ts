import type { AssignedService } from './assignments.js';

/** A replica of a service, as whoever sends something to the service on one network reaches it. */
export interface Backend {
  taskId: string;
  /** it runs on this node */
  local: boolean;
  ipv4?: string;
  ipv6?: string;
  /** why nothing new is sent to it; empty: it may be chosen. TCP connections go on either way. */
  withheld: string;
  hidesClients?: true;
}

/** Who answers for a service on one network, as this node knows it at this moment. */
export interface ServiceBackends {
  service: AssignedService;
  networkId: string;
  /** of this node and of all others, in an order that does not change with the order in which they came */
  backends: Backend[];
}

/** An address that stands for others inside a container's network namespace. */
export interface Translation {
  address: string;
  /** of the same family, in the order of their turns; whatever is sent is refused where there is none */
  to: readonly string[];
}

export function sameTranslations(a: readonly Translation[], b: readonly Translation[]): boolean {
  return a === b || (a.length === b.length && a.every((each, index) => sameTranslation(each, b[index])));
}

export function sameTranslation(a: Translation | undefined, b: Translation | undefined): boolean {
  return a?.address === b?.address && String(a?.to) === String(b?.to);
}
