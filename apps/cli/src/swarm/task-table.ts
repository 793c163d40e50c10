import { table } from '../output/table.js';
import { ago } from '../output/time.js';
import { fit, oneLine } from '../output/width.js';
import { imageText } from './service-table.js';
import type { ShownTask, SwarmApi } from './swarm-api.js';

const ID_LENGTH = 12;
const ERROR_CELLS = 60;

export interface TaskTableOptions {
  truncate: boolean;
  now: number;
}

/** Tasks as `docker service ps` shows them: by name, of each slot the newest first and the older ones below it. */
export async function taskTable(
  tasks: readonly ShownTask[],
  api: SwarmApi,
  { truncate, now }: TaskTableOptions,
): Promise<string> {
  const [nodes, services] = await Promise.all([api.list('nodes'), api.list('services')]);
  const hosts = new Map(nodes.map(({ ID, Description }) => [ID, Description?.Hostname ?? ID]));
  const names = new Map(services.map(({ ID, Spec }) => [ID, Spec.Name]));
  const short = (text: string) => (truncate ? text.slice(0, ID_LENGTH) : text);
  const ordered = tasks
    .map((task) => ({ task, name: nameOf(task, names.get(task.ServiceID) ?? task.ServiceID) }))
    .sort(
      (a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }) || (a.task.CreatedAt < b.task.CreatedAt ? 1 : -1),
    );
  const rows = ordered.map(({ task, name }, index) => {
    const { State, Timestamp, Err = '' } = task.Status;
    return [
      short(task.ID),
      ordered[index - 1]?.name === name ? ` \\_ ${name}` : name,
      imageText(task.Spec.ContainerSpec?.Image ?? ''),
      task.NodeID === undefined ? '' : (hosts.get(task.NodeID) ?? short(task.NodeID)),
      capital(task.DesiredState),
      `${capital(State)} ${ago(Timestamp, now).toLowerCase()}`,
      truncate ? fit(oneLine(Err), ERROR_CELLS) : oneLine(Err),
    ];
  });
  return table(['ID', 'NAME', 'IMAGE', 'NODE', 'DESIRED STATE', 'CURRENT STATE', 'ERROR'], rows);
}

/** `web.1`; of a global service `web.NODE`. */
function nameOf({ Slot, NodeID }: ShownTask, service: string): string {
  return `${service}.${Slot ?? NodeID ?? ''}`;
}

const capital = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
