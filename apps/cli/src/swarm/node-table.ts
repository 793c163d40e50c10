import { table } from '../output/table.js';
import type { ShownNode } from './swarm-api.js';

/** As `docker node ls` shows them; `*` is the node that was asked. */
export function nodeTable(nodes: readonly ShownNode[], asked: string): string {
  const capital = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
  const rows = nodes.map(({ ID, Spec, Status, Description, ManagerStatus: manager }) => [
    ID === asked ? `${ID} *` : ID,
    Description?.Hostname ?? '',
    capital(Status.State),
    capital(Spec.Availability),
    manager ? (manager.Leader ? 'Leader' : capital(manager.Reachability)) : '',
    Status.Addr,
    Description?.Engine.EngineVersion ?? '',
  ]);
  const heading = ['ID', 'HOSTNAME', 'STATUS', 'AVAILABILITY', 'MANAGER STATUS', 'ADDRESS', 'VERSION'];
  return table(
    heading,
    rows.sort((a, b) => (a[1]! < b[1]! ? -1 : 1)),
  );
}
