import type { Project } from '../model/project.js';
import type { Problems } from '../problems.js';
import { parseAddress } from './subnet.js';

/** Checks the addresses of the node that ports are published on. */
export function checkPublishedAddresses(problems: Problems, project: Project): void {
  for (const [name, service] of Object.entries(project.services)) {
    for (const [index, { host_ip: text = '', target }] of (service.ports ?? []).entries()) {
      if (text === '' || parseAddress(text)) continue;
      problems.add(
        ['services', name, 'ports', index, 'host_ip'],
        `services.${name}: port ${target} cannot be published on ${JSON.stringify(text)}, which is no IP address; ` +
          'accepted is an address of the node such as 127.0.0.1 or fd00:28::1, without a zone, or none for all of them',
      );
    }
  }
}
