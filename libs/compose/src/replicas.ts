import type { Service } from './model/service.js';

/** How many containers a service asks for: `scale` and `deploy.replicas` mean the same; 1 when neither is given. */
export function replicasOf(service: Service): number {
  return service.scale ?? service.deploy?.replicas ?? 1;
}
