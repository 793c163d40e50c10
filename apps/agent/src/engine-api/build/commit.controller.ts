import { Body, Controller, HttpCode, Inject, Post, Query } from '@nestjs/common';
import { askEngine, type Engine } from '#lib/engine';
import { ContainerDirectory } from '../../containers/container-directory.js';
import { ENGINE } from '../../node/tokens.js';
import { parseReference } from '../images/reference.js';
import { imageId } from '../images/views.js';
import { flag } from '#lib/http';

type CommitQuery = Record<'container' | 'repo' | 'tag' | 'comment' | 'author' | 'pause', string | undefined> & {
  changes?: string | string[];
};

@Controller('commit')
export class CommitController {
  constructor(
    @Inject(ENGINE) private readonly engine: Engine,
    private readonly directory: ContainerDirectory,
  ) {}

  /** A container's files as a new image. */
  @Post()
  @HttpCode(201)
  async commit(@Query() query: CommitQuery, @Body() config: unknown) {
    const { repository, tag } = query.repo ? parseReference(query.repo, query.tag) : {};
    const { Id } = await askEngine<{ Id: string }>(this.engine.socketPath, {
      method: 'POST',
      path: '/commit',
      query: {
        container: this.directory.engineId(query.container ?? ''),
        repo: repository,
        tag,
        comment: query.comment,
        author: query.author,
        pause: String(query.pause === undefined || flag(query.pause)),
        changes: query.changes,
      },
      body: config ?? {},
    });
    return { Id: imageId(Id) };
  }
}
