import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';

/** Of this connection alone (RFC 9110, 7.6.1), or set anew. */
const NOT_ASKED = new Set(
  'connection content-length expect host keep-alive proxy-connection te trailer transfer-encoding upgrade'.split(' '),
);
/** Of the engine's own connection, and what it says of itself. */
const NOT_ANSWERED = new Set(
  `api-version builder-version connection content-length date docker-experimental keep-alive libpod-api-version
   libpod-buildah-version ostype server swarm trailer transfer-encoding upgrade x-reference-id`.split(/\s+/),
);

export const requestHeaders = (given: IncomingHttpHeaders): OutgoingHttpHeaders => without(given, NOT_ASKED);

export const answerHeaders = (given: IncomingHttpHeaders): Record<string, string | string[]> =>
  without(given, NOT_ANSWERED);

function without(headers: IncomingHttpHeaders, names: ReadonlySet<string>): Record<string, string | string[]> {
  const kept = Object.entries(headers).filter(
    (entry): entry is [string, string | string[]] => !names.has(entry[0]) && entry[1] !== undefined,
  );
  return Object.fromEntries(kept);
}
