import { isLinkName } from '#lib/domain';
import type { Project } from '../model/project.js';
import type { Problems } from '../problems.js';

/** Checks the names that services ask for their interfaces: the kernel has to take each, and a container has each once. */
export function checkInterfaceNames(problems: Problems, project: Project): void {
  for (const [name, service] of Object.entries(project.services)) {
    const owners = new Map<string, string>();
    for (const [network, attachment] of Object.entries(service.networks ?? {})) {
      const asked = attachment?.interface_name;
      if (asked === undefined) continue;
      const what = `services.${name}: interface_name ${JSON.stringify(asked)} on network ${network}`;
      const refuse = (message: string) =>
        problems.add(['services', name, 'networks', network, 'interface_name'], `${what} ${message}`);
      const owner = owners.get(asked);
      if (!isLinkName(asked) || asked === 'lo') {
        refuse('is no link name; accepted are 1 to 15 bytes without white space, "/" or ":", and not lo');
      } else if (owner !== undefined) {
        refuse(`is also that on network ${owner}; the interfaces of a container have names of their own`);
      } else owners.set(asked, network);
    }
  }
}
