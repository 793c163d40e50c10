import { Body, Controller, HttpCode, Inject, Post, Query } from '@nestjs/common';
import { askEngine, type Engine, type ImageDefaults } from '#lib/engine';
import { ContainerDirectory } from '../../containers/container-directory.js';
import { ENGINE } from '../../node/tokens.js';
import { parseReference } from '../images/reference.js';
import { imageId } from '../images/views.js';
import { createBody } from '../containers/create-body.js';
import { flag, parseBody, texts } from '#lib/http';

type CommitQuery = Record<'container' | 'repo' | 'tag' | 'comment' | 'author' | 'pause', string | undefined> & {
  changes?: string | string[];
};

const commitBody = createBody.extend({ OnBuild: texts });

@Controller('commit')
export class CommitController {
  constructor(
    @Inject(ENGINE) private readonly engine: Engine,
    private readonly directory: ContainerDirectory,
  ) {}

  /** A container's files as a new image: what the body says of it goes before what the container has. */
  @Post()
  @HttpCode(201)
  async commit(@Query() query: CommitQuery, @Body() raw: unknown) {
    const config = configOf(raw);
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
        changes: [...this.engine.commitChanges(config), ...[query.changes ?? []].flat()],
      },
      body: config,
    });
    return { Id: imageId(Id) };
  }
}

/** What is empty says nothing. */
function configOf(raw: unknown): ImageDefaults {
  const { Cmd, Entrypoint, Env, Labels, ExposedPorts, Volumes, User, WorkingDir, StopSignal, Healthcheck, OnBuild } =
    parseBody(commitBody, raw ?? {});
  const all = {
    Cmd,
    Entrypoint,
    Env,
    Labels,
    ExposedPorts,
    Volumes,
    User,
    WorkingDir,
    StopSignal,
    Healthcheck,
    OnBuild,
  };
  return Object.fromEntries(
    Object.entries(all).filter(([, value]) => value && Object.keys(value).length > 0),
  ) as ImageDefaults;
}
