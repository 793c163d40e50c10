import { once } from 'node:events';
import { SkepError, unavailable } from '#lib/common';
import type { TaskSpec } from '#lib/domain';
import { FrameReader } from '../client/frames.js';
import { asUnreachable, send } from '../client/transport.js';
import type { Context } from '../context.js';
import type { System } from '../system.js';
import { LogPrinter } from '../output/logs.js';
import { paintFor, plain } from '../output/style.js';
import type { SwarmApi } from './swarm-api.js';

const SHORT = 12;

export interface LogOptions {
  follow?: boolean;
  tail?: number;
  timestamps?: boolean;
  /** seconds since the epoch */
  since?: number;
  color: boolean;
}

/**
 * Prints the logs of a service's tasks, or of one task: `web.1.4f0w2hjkq1ab@node2  | line`. What tasks with a terminal wrote
 * comes as it is: nothing in it says which of them it is of.
 */
export async function serviceLogs(name: string, options: LogOptions, api: SwarmApi, context: Context): Promise<void> {
  const { system } = context;
  const { place, tty } = await sourceOf(name, api);
  const path = `${place}/logs?${queryOf(options, tty)}`;
  if (tty) return copy(api, path, system.stdout);
  const printer = new LogPrinter(system, {
    project: '',
    paint: options.color ? paintFor(system.stdout, system, context.globals()) : plain,
    prefix: true,
    timestamps: options.timestamps ?? false,
    names: [],
  });
  const names = new TaskNames(api);
  for await (const { text, failure } of frames(api, path)) {
    if (failure) throw unavailable(text);
    const { context: details, time, line } = parsed(text);
    printer.print({ container: await names.of(details), line, time });
  }
}

/** A task may be named instead of a service. */
async function sourceOf(name: string, api: SwarmApi): Promise<{ place: string; tty: boolean }> {
  const hasTerminal = ({ ContainerSpec }: TaskSpec) => ContainerSpec?.TTY ?? false;
  try {
    const { ID, Spec } = await api.show('services', name);
    return { place: `/services/${ID}`, tty: hasTerminal(Spec.TaskTemplate) };
  } catch (error) {
    if (!SkepError.is(error, 'not_found')) throw error;
    const task = await api.show('tasks', name).catch(() => undefined);
    if (task) return { place: `/tasks/${task.ID}`, tty: hasTerminal(task.Spec) };
    throw error;
  }
}

/** Of what has frames, details and times are taken off each line here. */
function queryOf({ follow, tail, since, timestamps }: LogOptions, tty: boolean): URLSearchParams {
  return new URLSearchParams({
    stdout: '1',
    stderr: '1',
    ...(!tty && { details: '1' }),
    ...((!tty || timestamps) && { timestamps: '1' }),
    ...(follow && { follow: '1' }),
    ...(tail !== undefined && { tail: String(tail) }),
    ...(since !== undefined && { since: String(since) }),
  });
}

async function copy(api: SwarmApi, path: string, to: System['stdout']): Promise<void> {
  // Who reads more slowly than tasks write holds them up, not our memory.
  for await (const chunk of chunks(api, path)) if (!to.write(chunk)) await once(to, 'drain');
}

/** Whole frames, each of them a line or a piece of a long one. */
async function* frames(api: SwarmApi, path: string): AsyncGenerator<{ text: string; failure: boolean }> {
  const reader = new FrameReader();
  let pieces: Buffer[] = [];
  for await (const chunk of chunks(api, path)) {
    for (const { payload, ends, failure } of reader.read(chunk)) {
      pieces.push(payload);
      if (!ends) continue;
      yield { text: Buffer.concat(pieces).toString('utf8'), failure };
      pieces = [];
    }
  }
}

async function* chunks(api: SwarmApi, path: string): AsyncGenerator<Buffer> {
  const answer = await send(api.client.address, { method: 'GET', path });
  try {
    for await (const chunk of answer) yield chunk as Buffer;
  } catch (error) {
    throw asUnreachable(error, api.client.address);
  } finally {
    answer.destroy();
  }
}

/** `TIME DETAILS LINE` */
function parsed(text: string): { time: string; context: string; line: string } {
  const [, time = '', context = '', line = text] = /^(\S+) (\S+) ([^]*)$/.exec(text) ?? [];
  return { time, context, line };
}

/** `web.1.4f0w2hjkq1ab@node2`, from what stands in front of a line. */
class TaskNames {
  private readonly known = new Map<string, string>();

  constructor(private readonly api: SwarmApi) {}

  async of(details: string): Promise<string> {
    const ids = new Map(details.split(',').map((pair) => pair.split('=', 2) as [string, string]));
    const taskId = ids.get('com.docker.swarm.task.id') ?? '';
    const name = this.known.get(taskId) ?? (await this.look(taskId, ids));
    this.known.set(taskId, name);
    return name;
  }

  private async look(taskId: string, ids: ReadonlyMap<string, string>): Promise<string> {
    const id = (kind: string) => ids.get(`com.docker.swarm.${kind}.id`) ?? '';
    const [task, service, node] = await Promise.all([
      this.api.show('tasks', taskId).catch(() => undefined),
      this.api.show('services', id('service')).catch(() => undefined),
      this.api.show('nodes', id('node')).catch(() => undefined),
    ]);
    const host = node?.Description?.Hostname ?? id('node');
    const slot = task?.Slot === undefined ? '' : `.${task.Slot}`;
    return `${service?.Spec.Name ?? id('service')}${slot}.${taskId.slice(0, SHORT)}@${host}`;
  }
}
