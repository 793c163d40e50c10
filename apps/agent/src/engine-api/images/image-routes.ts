import { Inject, Injectable } from '@nestjs/common';
import { invalid, notFound, SkepError } from '#lib/common';
import { type Engine, familiarName } from '#lib/engine';
import { ENGINE } from '../../node/tokens.js';
import { inWords } from '../passthrough/refusals.js';
import type { Call, Route, RouteSet } from '../passthrough/route.js';
import { EngineImages } from './engine-images.js';
import { ImageEvents } from './image-events.js';
import { noSuchImage } from './reference.js';
import { imageHistory, inspectedImage, type HistoryEntry, type InspectedImage } from './views.js';

/** What of images is passed through. */
@Injectable()
export class ImageRoutes implements RouteSet {
  readonly routes: readonly Route[] = [
    {
      method: 'GET',
      path: '/images/*name/json',
      answer: async (image) => {
        const { defaults } = await this.engine.imageConfig((image as InspectedImage).Id);
        return inspectedImage(image as InspectedImage, defaults.Healthcheck);
      },
      refusal: absent,
    },
    {
      method: 'GET',
      path: '/images/*name/history',
      answer: async (history, { params }) =>
        imageHistory(history as HistoryEntry[], await this.images.inspect(params['name']!)),
      refusal: absent,
    },
    {
      method: 'GET',
      path: '/images/get',
      headers: (headers, { query }) => this.saved(headers, query.getAll('names')),
      refusal: inWords([[/^(\S+): image not known/, (_call, found) => notFound(noSuchImage(found[1]!))]]),
    },
    {
      method: 'GET',
      path: '/images/*name/get',
      headers: (headers, { params }) => this.saved(headers, [params['name']!]),
      refusal: absent,
    },
    {
      method: 'POST',
      path: '/images/load',
      upload: true,
      line: (message) => this.loaded(message as { stream?: string }),
      headers: (headers) => ({ ...headers, 'content-type': 'application/json' }),
      // What follows in lines of their own are the files that were looked for.
      refusal: ({ message }) => invalid(message.split(/:?\n/)[0]!),
    },
  ];

  constructor(
    @Inject(ENGINE) private readonly engine: Engine,
    private readonly images: EngineImages,
    private readonly events: ImageEvents,
  ) {}

  private saved(headers: Record<string, string | string[]>, names: readonly string[]) {
    for (const name of names) this.events.happened('save', name);
    return headers;
  }

  /** Podman names all images in one message, Docker each in its own. */
  private loaded(message: { stream?: string }): { stream?: string }[] {
    const names = /^Loaded image(?:\(s\))?: (.*)$/.exec(message.stream?.trim() ?? '')?.[1]?.split(',');
    if (!names) return [message];
    return names.map((each) => {
      const name = familiarName(each.trim());
      this.events.happened('load', name);
      const what = /^(?:sha256:)?[0-9a-f]{64}$/.test(name) ? 'image ID' : 'image';
      return { stream: `Loaded ${what}: ${name}\n` };
    });
  }
}

function absent({ status }: { status: number }, { params }: Call): SkepError | undefined {
  return status === 404 ? notFound(noSuchImage(params['name']!)) : undefined;
}
