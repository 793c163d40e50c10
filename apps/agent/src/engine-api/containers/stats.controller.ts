import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Controller, Get, Inject, Param, Query, Res } from '@nestjs/common';
import type { Response } from 'express';
import { invalid } from '#lib/common';
import { askEngine, type Engine } from '#lib/engine';
import { ContainerDirectory, type KnownContainer } from '../../containers/container-directory.js';
import { ENGINE } from '../../node/tokens.js';
import { flag } from '#lib/http';
import { emptySample, isSample, linkCounters, sampleOf, type Sample } from './stats-json.js';

const EVERY_MS = 1_000;

/** What a container uses: a sample a second, each with the one before it, since use is told from two. */
@Controller('containers/:name/stats')
export class StatsController {
  constructor(
    @Inject(ENGINE) private readonly engine: Engine,
    private readonly directory: ContainerDirectory,
  ) {}

  @Get()
  async stats(
    @Param('name') name: string,
    @Query('stream') stream = '1',
    @Query('one-shot') oneShot: string | undefined,
    @Res() response: Response,
  ): Promise<void> {
    const streams = flag(stream);
    if (streams && flag(oneShot)) throw invalid('cannot have stream=true and one-shot=true');
    const { id } = this.directory.find(name);
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    const first = await this.sample(id, undefined);
    response.status(200).setHeader('Content-Type', 'application/json');
    if (!streams) {
      const runs = isSample(first);
      const last = flag(oneShot) || !runs ? first : await this.next(id, first, gone.signal);
      response.end(`${JSON.stringify(last ?? first)}\n`);
      return;
    }
    let sample: Sample | undefined = first;
    while (sample && !gone.signal.aborted) {
      if (!response.writableNeedDrain) response.write(`${JSON.stringify(sample)}\n`);
      sample = await this.next(id, sample, gone.signal);
    }
    response.end();
  }

  /** Undefined: the container was removed, or the client went away. */
  private async next(id: string, before: Sample, signal: AbortSignal): Promise<Sample | undefined> {
    try {
      await sleep(EVERY_MS, undefined, { signal });
      return await this.sample(id, before);
    } catch {
      return undefined;
    }
  }

  private async sample(id: string, before: Sample | undefined): Promise<Sample> {
    const known = this.directory.know(id);
    const { seen } = known;
    if (!seen || (seen.state !== 'running' && seen.state !== 'paused')) return emptySample(known);
    const path = `/containers/${seen.engineId}/stats?stream=false&one-shot=true`;
    const sample = await askEngine<Sample>(this.engine.socketPath, { method: 'GET', path });
    return sampleOf(sample, before, known, countersOf(known));
  }
}

function countersOf({ seen }: KnownContainer): ReturnType<typeof linkCounters> {
  try {
    return linkCounters(readFileSync(`/proc/${seen!.pid}/net/dev`, 'utf8'));
  } catch {
    // It ended meanwhile.
    return {};
  }
}
