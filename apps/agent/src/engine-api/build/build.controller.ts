import { Controller, HttpCode, Inject, Post, Query, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { unsupported } from '#lib/common';
import { callEngine, jsonLines, type Engine } from '#lib/engine';
import { ENGINE } from '../../node/tokens.js';
import { flag } from '#lib/http';
import { ImageEvents } from '../images/image-events.js';
import { sendMessages } from '../images/messages.js';
import { parseReference, toText, type Reference } from '../images/reference.js';
import { imageId } from '../images/views.js';
import { buildMessages } from './build-messages.js';
import { BuildSandboxes } from './build-sandboxes.js';

type BuildQuery = Record<string, string | string[] | undefined> &
  Partial<Record<'version' | 'networkmode' | 'q', string>>;

/** The classic builder: the context comes as a tar, the engine builds, in a network of ours. */
@Controller('build')
export class BuildController {
  constructor(
    @Inject(ENGINE) private readonly engine: Engine,
    private readonly sandboxes: BuildSandboxes,
    private readonly events: ImageEvents,
  ) {}

  @Post()
  @HttpCode(200)
  async build(@Query() query: BuildQuery, @Req() request: Request, @Res() response: Response): Promise<void> {
    const { version, networkmode, q, ...rest } = query;
    if (version === '2')
      throw unsupported('BuildKit is not served: the classic builder is, which DOCKER_BUILDKIT=0 chooses');
    const names = [rest.t ?? []].flat().flatMap((name) => (name === '' ? [] : parseReference(name)));
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    await this.sandboxes.within(networkmode ?? '', async (network) => {
      const answer = await callEngine(this.engine.socketPath, {
        method: 'POST',
        path: '/build',
        // What an engine keeps of a build that failed nobody could see or remove.
        query: this.engine.buildQuery({ ...rest, forcerm: '1' }, network),
        headers: headersOf(request),
        body: request,
        signal: gone.signal,
      });
      await sendMessages(response, this.built(buildMessages(jsonLines(answer), flag(q)), names));
    });
  }

  /** @param names that the image gets */
  private async *built(messages: ReturnType<typeof buildMessages>, names: readonly Reference[]) {
    const id = yield* messages;
    if (id === undefined) return;
    for (const name of names) this.events.happened('tag', imageId(id), toText(name));
  }

  /** The layers that a build finds again are images without names: `docker image prune` has them. */
  @Post('prune')
  @HttpCode(200)
  prune() {
    return { CachesDeleted: [], SpaceReclaimed: 0 };
  }
}

/** What the context is, and credentials for the registries of its base images. */
function headersOf({ headers }: Request): Record<string, string> {
  const registries = headers['x-registry-config'];
  return {
    'Content-Type': headers['content-type'] ?? 'application/x-tar',
    ...(typeof registries === 'string' && { 'X-Registry-Config': registries }),
  };
}
