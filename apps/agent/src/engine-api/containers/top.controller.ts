import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { Controller, Get, Header, Param, Query } from '@nestjs/common';
import { conflict, invalid, messageOf } from '#lib/common';
import { ContainerDirectory } from '../../containers/container-directory.js';
import { EventLog } from '../../events/event-log.js';
import { processTable, psArguments, type ProcessTable } from './process-table.js';

const PS_MS = 10_000;

/** The processes of a container, as the node's ps(1) shows them: the image needs none. */
@Controller('containers/:name/top')
export class TopController {
  constructor(
    private readonly directory: ContainerDirectory,
    private readonly events: EventLog,
  ) {}

  @Get()
  @Header('Content-Type', 'application/json')
  async top(@Param('name') name: string, @Query('ps_args') given: string | undefined): Promise<ProcessTable> {
    const args = psArguments(given);
    const { container, seen } = this.directory.know(name);
    if (seen?.state !== 'running' && seen?.state !== 'paused') {
      throw conflict(`container ${container.id} is not running`);
    }
    const pids = processesWith(seen.pid);
    // By their numbers: `-o` alone means those of the asker. Not every way to print goes with that.
    const printed = await ps([...args, `-q${[...pids].join(',')}`]).catch(() => ps(args));
    const table = processTable(printed, pids);
    this.events.container(container, 'top');
    return table;
  }
}

async function ps(args: readonly string[]): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)('ps', args, { timeout: PS_MS, maxBuffer: 64 << 20 });
    return stdout;
  } catch (error) {
    const { stderr = '' } = error as { stderr?: string };
    throw invalid(`ps ${args.join(' ')}: ${stderr.trim().split('\n')[0] || messageOf(error)}`, error);
  }
}

/** All in the process's cgroup: in that of version 1 where the node has it, else in that of version 2. */
function processesWith(pid: number): Set<number> {
  try {
    const groups = readFileSync(`/proc/${pid}/cgroup`, 'utf8');
    const [, path = ''] = /^\d+:pids:(.*)$/m.exec(groups) ?? [];
    const [, unified = ''] = /^0::(.*)$/m.exec(groups) ?? [];
    const folder = path === '' ? `/sys/fs/cgroup${unified}` : `/sys/fs/cgroup/pids${path}`;
    const pids = readFileSync(`${folder}/cgroup.procs`, 'utf8');
    return new Set([pid, ...pids.trim().split('\n').map(Number)]);
  } catch {
    return new Set([pid]);
  }
}
