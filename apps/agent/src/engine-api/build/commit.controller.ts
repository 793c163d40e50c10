import { Body, Controller, HttpCode, Inject, Post, Query } from '@nestjs/common';
import { SkepError } from '#lib/common';
import type { Engine, ImageDefaults } from '#lib/engine';
import { ContainerDirectory, type KnownContainer } from '../../containers/container-directory.js';
import { EventLog } from '../../events/event-log.js';
import { toDockerHealthcheck } from '../../health/healthcheck.js';
import { ENGINE } from '../../node/tokens.js';
import { ImageEvents } from '../images/image-events.js';
import { toText } from '../images/reference.js';
import { imageId } from '../images/views.js';
import { type CommitFacts, commitRequest, type CommitQuery } from './commit-request.js';

@Controller('commit')
export class CommitController {
  constructor(
    @Inject(ENGINE) private readonly engine: Engine,
    private readonly directory: ContainerDirectory,
    private readonly events: EventLog,
    private readonly images: ImageEvents,
  ) {}

  /** A container's files as a new image: what the body says of it goes before what the container has. */
  @Post()
  @HttpCode(201)
  async commit(@Query() query: CommitQuery, @Body() raw: unknown) {
    const known = this.directory.know(query.container ?? '');
    const request = commitRequest(query, raw, await this.factsOf(known));
    const id = imageId(await this.engine.commit(this.directory.engineId(known.container.id), request));
    const { repository, tag, comment = '' } = request;
    const imageRef = repository === undefined ? '' : toText({ repository, tag });
    if (imageRef) this.images.happened('tag', id, imageRef);
    this.events.container(known.container, 'commit', { comment, imageID: id, imageRef });
    return { Id: id };
  }

  private async factsOf({ container, seen }: KnownContainer): Promise<CommitFacts> {
    const image = await this.imageOf(seen?.imageId || container.spec.Image);
    return {
      environment: [...(container.spec.Env ?? []), ...(image.Env ?? [])],
      healthcheck: container.healthcheck
        ? toDockerHealthcheck(container.healthcheck)
        : image.Healthcheck && { Test: ['NONE'] },
    };
  }

  /** Nothing where the image is gone. */
  private async imageOf(image: string): Promise<ImageDefaults> {
    try {
      return (await this.engine.imageConfig(image)).defaults;
    } catch (error) {
      if (SkepError.is(error, 'not_found')) return {};
      throw error;
    }
  }
}
