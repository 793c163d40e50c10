import { Body, Controller, Get, Param, Post, Query, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { invalid } from '#lib/common';
import type { ContainerView, LogEvent, ProgressEvent, ProjectView } from '#lib/contracts';
import { flag, integer, momentOf } from '#lib/http';
import { failure, NdjsonStream } from '../http/ndjson.js';
import { LogsService } from './logs.service.js';
import { ProjectViews } from './project-views.service.js';
import { ProjectsService, type Conversation } from './projects.service.js';
import { parseDown, parseStop, parseUp } from './requests.js';

@Controller('skep/v1/projects')
export class ProjectsController {
  constructor(
    private readonly projects: ProjectsService,
    private readonly views: ProjectViews,
    private readonly logs: LogsService,
  ) {}

  @Get()
  list(): ProjectView[] {
    return this.views.list();
  }

  @Get(':name')
  project(@Param('name') name: string): ProjectView {
    return this.views.project(name);
  }

  @Get(':name/containers')
  containers(@Param('name') name: string, @Query('all') all?: string): ContainerView[] {
    return this.views.containers(name, flag(all));
  }

  @Post(':name/up')
  async up(@Param('name') name: string, @Body() body: unknown, @Req() request: Request, @Res() response: Response) {
    const { project, request: wish } = parseUp(name, body);
    await converse(request, response, (talk) => this.projects.up(project, wish, talk));
  }

  @Post(':name/down')
  async down(@Param('name') name: string, @Body() body: unknown, @Req() request: Request, @Res() response: Response) {
    const wish = parseDown(body);
    await converse(request, response, (talk) => this.projects.down(name, wish, talk));
  }

  @Post(':name/stop')
  async stop(@Param('name') name: string, @Body() body: unknown, @Req() request: Request, @Res() response: Response) {
    const wish = parseStop(body);
    await converse(request, response, (talk) => this.projects.stop(name, wish, talk));
  }

  @Get(':name/logs')
  async log(
    @Param('name') name: string,
    @Query('service') service: string | string[] | undefined,
    @Query() query: Record<string, string | undefined>,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const stream = new NdjsonStream<LogEvent>(request, response);
    const wish = {
      follow: flag(query['follow']),
      services: [service ?? []].flat(),
      tail: tailOf(query['tail']),
      since: momentOf('since', query['since']),
    };
    await this.logs.stream(name, wish, stream);
    stream.end();
  }
}

/** Once events flow the status line is gone, so that the outcome is the last line of the stream. */
async function converse(
  request: Request,
  response: Response,
  work: (talk: Conversation) => Promise<void>,
): Promise<void> {
  const stream = new NdjsonStream<ProgressEvent>(request, response);
  try {
    await work(stream);
    stream.emit({ type: 'result', ok: true });
  } catch (error) {
    if (!response.headersSent) throw error;
    stream.emit(failure(error));
  }
  stream.end();
}

/** How many lines from the end; undefined: all. */
function tailOf(text: string | undefined): number | undefined {
  const lines = text === 'all' ? undefined : integer('tail', text);
  if (lines !== undefined && lines < 0) throw invalid(`invalid value "${text}" for tail: 0 or more lines, or all`);
  return lines;
}
