import { invalid } from '#lib/common';
import { DRIVER_ALIASES } from '#lib/domain';
import { withTag } from '#lib/engine';
import type { KnownContainer } from '../../containers/container-directory.js';
import { isRunning, PHASES, runStateOf } from '../../containers/run-state.js';
import { type Filters, labelFits, nameFits } from '#lib/http';
import { parsePort } from './port-bindings.js';
import { namesOfNetworks, type NetworkOf } from './view/networks.js';
import { portList, type PortSummary } from './view/ports.js';

export const LIST_FILTERS: readonly string[] = [
  'ancestor',
  'before',
  'expose',
  'exited',
  'health',
  'id',
  'is-task',
  'isolation',
  'label',
  'name',
  'network',
  'publish',
  'since',
  'status',
  'volume',
];

const HEALTH: readonly string[] = ['none', 'starting', 'healthy', 'unhealthy'];
const TASK = 'com.docker.swarm.task.id';

export interface ListQuery {
  filters: Filters;
  /** also those that do not run */
  all: boolean;
  /** the latest so many, running or not */
  limit: number | undefined;
}

export interface ListFacts {
  networkOf: NetworkOf;
  /** an image's id by its name or id; undefined: there is none */
  imageId(name: string): string | undefined;
  /** the container that `before` and `since` name; throws where there is none */
  find(name: string): { createdAt: string };
}

/** Those containers that are asked for, the newest first. Pure. Errors: `invalid` for values that mean nothing. */
export function select(all: readonly KnownContainer[], query: ListQuery, facts: ListFacts): KnownContainer[] {
  const { filters, limit } = query;
  checkValues(filters);
  const everything = query.all || limit !== undefined || filters.all('status').length > 0;
  const fits = (known: KnownContainer) =>
    (everything || isRunning(runStateOf(known))) && ofItself(known, filters) && ofOthers(known, filters, facts);
  const newestFirst = all.filter(fits).sort((a, b) => (a.container.createdAt < b.container.createdAt ? 1 : -1));
  return limit === undefined ? newestFirst : newestFirst.slice(0, limit);
}

function checkValues(filters: Filters): void {
  const among = (name: string, accepted: readonly string[]) => {
    const odd = filters.all(name).find((value) => !accepted.includes(value));
    if (odd !== undefined) {
      throw invalid(`invalid filter '${name}=${odd}': must be one of ${accepted.join(', ')}`);
    }
  };
  among('status', PHASES);
  among('health', HEALTH);
  for (const code of filters.all('exited')) {
    if (!/^-?\d{1,9}$/.test(code)) throw invalid(`invalid filter 'exited=${code}': a whole number is expected`);
  }
  for (const name of ['publish', 'expose']) filters.all(name).forEach(portsOf);
}

function ofItself(known: KnownContainer, filters: Filters): boolean {
  const { container, seen } = known;
  const state = runStateOf(known);
  const labels = seen?.labels ?? container.spec.Labels ?? {};
  const isTask = filters.boolean('is-task');
  return (
    filters.any('id', (wanted) => container.id.startsWith(wanted)) &&
    filters.any('name', (wanted) => nameFits(container.name, wanted) || nameFits(`/${container.name}`, wanted)) &&
    filters.every('label', (wanted) => labelFits(labels, wanted)) &&
    filters.any('status', (wanted) => state.phase === wanted) &&
    filters.any('health', (wanted) => state.health === wanted) &&
    filters.any('exited', (wanted) => state.phase === 'exited' && state.exitCode === Number(wanted)) &&
    (isTask === undefined || isTask === TASK in labels)
  );
}

function ofOthers({ container, seen }: KnownContainer, filters: Filters, facts: ListFacts): boolean {
  const ports = portList(container, facts.networkOf);
  const has = (wanted: string, of: (port: PortSummary) => number | undefined) =>
    portsOf(wanted).some((key) => ports.some((port) => `${of(port)}/${port.Type}` === key));
  const [publish, expose] = [filters.all('publish'), filters.all('expose')];
  const networks = namesOfNetworks(container, facts.networkOf);
  const volumes = (seen?.mounts ?? []).flatMap(({ name, source, destination }) => [name, source, destination]);
  return (
    filters.any('network', (wanted) => networks.some((network) => isMeant(network, wanted))) &&
    filters.any('volume', (wanted) => volumes.includes(wanted)) &&
    // Who fits one of both is meant, as in Docker: the node's port, or the container's.
    (publish.length + expose.length === 0 ||
      publish.some((wanted) => has(wanted, (port) => port.PublicPort)) ||
      expose.some((wanted) => has(wanted, (port) => port.PrivatePort))) &&
    filters.every('before', (wanted) => container.createdAt < facts.find(wanted).createdAt) &&
    filters.every('since', (wanted) => container.createdAt > facts.find(wanted).createdAt) &&
    filters.any('ancestor', (wanted) => {
      const id = facts.imageId(wanted);
      return id === undefined ? withTag(container.spec.Image) === withTag(wanted) : id === seen?.imageId;
    })
  );
}

/** By its name, which Docker's clients have others for of the default network, or by what its id begins with. */
function isMeant({ id, name }: { id: string; name: string }, wanted: string): boolean {
  return name === wanted || id.startsWith(wanted) || (name === 'nat' && DRIVER_ALIASES[wanted] === 'nat');
}

/** `80`, `80/udp` or `8000-8010/tcp` → `80/tcp`, … */
function portsOf(text: string): string[] {
  const [, first, last, protocol = '/tcp'] = /^(\d+)(?:-(\d+))?(\/\w+)?$/.exec(text) ?? [];
  const from = parsePort(`${first ?? text}${protocol}`).port;
  const to = last === undefined ? from : parsePort(`${last}${protocol}`).port;
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => `${from + index}${protocol}`);
}
