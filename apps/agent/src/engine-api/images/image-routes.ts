import { Injectable } from '@nestjs/common';
import { invalid, notFound, SkepError } from '#lib/common';
import { familiarName } from '#lib/engine';
import type { Call, Route, RouteSet } from '../passthrough/route.js';
import { EngineImages, encodeName } from './engine-images.js';
import { noSuchImage, parseReference } from './reference.js';
import { imageHistory, inspectedImage, type HistoryEntry, type InspectedImage } from './views.js';

/** What of images is passed through. */
@Injectable()
export class ImageRoutes implements RouteSet {
  readonly routes: readonly Route[] = [
    { method: 'GET', path: '/images/search' },
    {
      method: 'GET',
      path: '/images/*name/json',
      answer: (image) => inspectedImage(image as InspectedImage),
      refusal: absent,
    },
    {
      method: 'GET',
      path: '/images/*name/history',
      answer: async (history, { params }) =>
        imageHistory(history as HistoryEntry[], await this.images.inspect(params['name']!)),
      refusal: absent,
    },
    { method: 'POST', path: '/images/*name/tag', ask: tagged, refusal: absent },
    { method: 'GET', path: '/images/get' },
    { method: 'GET', path: '/images/*name/get', refusal: absent },
    {
      method: 'POST',
      path: '/images/load',
      upload: true,
      line: (message) => loaded(message as { stream?: string }),
      headers: (headers) => ({ ...headers, 'content-type': 'application/json' }),
      // What follows in lines of their own are the files that were looked for.
      refusal: ({ message }) => invalid(message.split(/:?\n/)[0]!),
    },
  ];

  constructor(private readonly images: EngineImages) {}
}

function absent({ status }: { status: number }, { params }: Call): SkepError | undefined {
  return status === 404 ? notFound(noSuchImage(params['name']!)) : undefined;
}

function tagged({ params, query }: Call) {
  const { repository, tag } = parseReference(query.get('repo') ?? '', query.get('tag') ?? '');
  const path = `/images/${encodeName(params['name']!)}/tag`;
  return { path, query: new URLSearchParams({ repo: repository, tag: tag ?? 'latest' }) };
}

/** Podman names all images in one line. */
function loaded(message: { stream?: string }) {
  const names = /^Loaded image(?:\(s\))?: (.*)$/.exec(message.stream?.trim() ?? '')?.[1]?.split(',');
  if (!names) return message;
  const lines = names.map((name) =>
    /^(?:sha256:)?[0-9a-f]{64}$/.test(name)
      ? `Loaded image ID: ${name}\n`
      : `Loaded image: ${familiarName(name.trim())}\n`,
  );
  return { stream: lines.join('') };
}
