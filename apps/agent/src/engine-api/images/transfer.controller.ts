import { Controller, HttpCode, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { SkepError } from '#lib/common';
import { type Engine, fullName } from '#lib/engine';
import { credentialsIn } from '#lib/http';
import { ENGINE } from '../../node/tokens.js';
import { encoded } from '../passthrough/route.js';
import { EngineImages } from './engine-images.js';
import { ImageEvents } from './image-events.js';
import { sendMessages, type Message } from './messages.js';
import { pullMessages, pullStatus } from './pull-messages.js';
import { pushMessages, pushTarget } from './push-messages.js';
import { isWhole, parseReference, parseRepository, toText, type Reference } from './reference.js';
import { pullRefusal } from './registry-errors.js';

type CreateQuery = Record<'fromImage' | 'fromSrc' | 'repo' | 'tag' | 'message' | 'platform', string | undefined> & {
  changes?: string | string[];
};

/** What brings images here and takes them elsewhere. Credentials come and go with each request. */
@Controller('images')
export class TransferController {
  constructor(
    @Inject(ENGINE) private readonly engine: Engine,
    private readonly images: EngineImages,
    private readonly events: ImageEvents,
  ) {}

  /** `docker pull` and `docker import`. */
  @Post('create')
  @HttpCode(200)
  async create(@Query() query: CreateQuery, @Req() request: Request, @Res() response: Response): Promise<void> {
    const messages = query.fromImage ? this.pull(query, request, response) : this.import(query, request, response);
    await sendMessages(response, messages);
  }

  @Post('*name/push')
  @HttpCode(200)
  async push(
    @Param('name') name: string | string[],
    @Query('tag') tag: string | undefined,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const reference = parseRepository([name].flat().join('/'), tag);
    await sendMessages(response, this.pushed(reference, request, response));
  }

  /** One image, or every tag of a repository. */
  private async *pull(query: CreateQuery, request: Request, response: Response): AsyncGenerator<Message> {
    const asked = parseRepository(query.fromImage!, query.tag);
    const references = isWhole(asked) ? await this.tagsOf(asked, request) : [asked];
    let newer = false;
    for (const reference of references) {
      newer = (yield* this.pulled(reference, query.platform, request, response)) || newer;
    }
    yield pullStatus(asked, newer);
  }

  private async *pulled(
    reference: Reference,
    platform: string | undefined,
    request: Request,
    response: Response,
  ): AsyncGenerator<Message, boolean> {
    const name = toText(reference);
    const before = (await this.images.find(name))?.Id;
    const engine = this.images.messages({
      method: 'POST',
      path: '/images/create',
      query: { fromImage: name, platform: platform || undefined },
      ...credentials(request),
      signal: signalOf(response),
    });
    const after = async () => {
      const image = await this.images.inspect(name);
      return { id: image.Id, digest: reference.digest ?? digestIn(image.RepoDigests) };
    };
    try {
      const newer = yield* pullMessages(engine, reference, { before, after });
      this.events.moved('pull', reference);
      return newer;
    } catch (error) {
      throw SkepError.is(error, 'internal') ? pullRefusal(reference, error.message) : error;
    }
  }

  /** Of the repository on its registry. */
  private async tagsOf({ repository }: Reference, request: Request): Promise<Reference[]> {
    const credentials = credentialsIn(request.headers['x-registry-auth']);
    const tags = await this.engine.registries.tags(fullName(repository), credentials);
    return tags.map((tag) => ({ repository, tag }));
  }

  /** Podman knows no tag beside the repository, and gives more than the id. */
  private async *import(query: CreateQuery, request: Request, response: Response): AsyncGenerator<Message> {
    const engine = this.images.messages({
      method: 'POST',
      path: '/images/create',
      query: {
        fromSrc: query.fromSrc ?? '-',
        repo: query.repo && toText(parseReference(query.repo, query.tag)),
        message: query.message,
        changes: query.changes,
      },
      headers: { 'Content-Type': 'application/x-tar' },
      body: request,
      signal: signalOf(response),
    });
    for await (const { error, status } of engine) {
      if (error !== undefined) throw new SkepError('internal', error);
      yield { status };
      if (status) this.events.happened('import', status);
    }
  }

  /** One tag, or every one that a repository has here. */
  private async *pushed(asked: Reference, request: Request, response: Response): AsyncGenerator<Message> {
    yield pushTarget(asked);
    const references = isWhole(asked) ? await this.tagsHere(asked) : [asked];
    const [first] = references;
    if (first === undefined || !(await this.images.find(toText(first)))) {
      throw new SkepError('not_found', `An image does not exist locally with the tag: ${asked.repository}`);
    }
    for (const reference of references) {
      const engine = this.images.messages({
        method: 'POST',
        path: `/images/${encoded(reference.repository)}/push`,
        query: { tag: reference.tag },
        ...credentials(request),
        signal: signalOf(response),
      });
      yield* pushMessages(engine, reference);
      this.events.moved('push', reference);
    }
  }

  private async tagsHere({ repository }: Reference): Promise<Reference[]> {
    const names = (await this.images.list()).flatMap(({ RepoTags }) => RepoTags);
    return names.map((name) => parseReference(name)).filter((reference) => reference.repository === repository);
  }
}

/** For the registry; the engine decodes it. */
function credentials(request: Request): { headers: Record<string, string> } {
  const auth = request.headers['x-registry-auth'];
  credentialsIn(auth);
  return { headers: typeof auth === 'string' && auth !== '' ? { 'X-Registry-Auth': auth } : {} };
}

/** Who goes away gives up. */
function signalOf(response: Response): AbortSignal {
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  return gone.signal;
}

/**
 * The digest that a registry has an image under. An engine that also keeps manifests of its own does not tell which one
 * came: then there is none.
 */
function digestIn(digests: readonly string[] | null | undefined): string | undefined {
  const all = new Set((digests ?? []).map((each) => each.slice(each.indexOf('@') + 1)));
  return all.size === 1 ? [...all][0] : undefined;
}
