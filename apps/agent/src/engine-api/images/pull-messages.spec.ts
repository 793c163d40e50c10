import { describe, expect, it } from 'vitest';
import type { Message } from './messages.js';
import { pullMessages, pullStatus } from './pull-messages.js';
import { parseReference } from './reference.js';

async function* told(...messages: Message[]) {
  yield* messages;
}

async function pulled(
  engine: AsyncIterable<Message>,
  { before, name = 'demo' }: { before?: string; name?: string } = {},
) {
  const after = () => Promise.resolve({ id: 'sha256:new', digest: 'sha256:d' });
  const lines: string[] = [];
  const reference = parseReference(name);
  const all = async function* () {
    yield pullStatus(reference, yield* pullMessages(engine, reference, { before, after }));
  };
  for await (const { id, status } of all()) lines.push([id, status].filter(Boolean).join(': '));
  return lines;
}

const LAYER = [
  { id: 'aa', status: 'Pulling fs layer' },
  { id: 'aa', status: 'Download complete' },
  { id: 'aa', status: 'Download complete' },
];

describe('a pull', () => {
  it('is told from its beginning to its digest', async () => {
    expect(await pulled(told(...LAYER))).toEqual([
      'latest: Pulling from library/demo',
      'aa: Pulling fs layer',
      'aa: Download complete',
      'aa: Pull complete',
      'Digest: sha256:d',
      'Status: Downloaded newer image for demo:latest',
    ]);
  });

  it('says that the image was there', async () => {
    const lines = await pulled(told(), { before: 'sha256:new', name: 'localhost:5000/a/demo:1' });
    expect(lines).toEqual([
      '1: Pulling from a/demo',
      'Digest: sha256:d',
      'Status: Image is up to date for localhost:5000/a/demo:1',
    ]);
  });

  it.each([
    [
      'initializing source docker://r/x:1: reading manifest 1 in r/x: manifest unknown: manifest unknown',
      'not_found',
      'manifest for demo:latest not found: manifest unknown: manifest unknown',
    ],
    [
      'initializing source docker://x:1: reading manifest 1 in docker.io/x: errors: denied: requested access to the resource is denied',
      'not_found',
      "pull access denied for demo, repository does not exist or may require 'docker login'",
    ],
    [
      'initializing source docker://r/x:1: pinging container registry r: Get "https://r/v2/": dial tcp: connection refused',
      'internal',
      /^Get "https:\/\/r\/v2\/": dial tcp: connection refused$/,
    ],
    ['reading manifest 1 in r/x: unauthorized: authentication required', 'internal', 'unauthorized: authentication'],
  ])('fails: %s', async (error, code, message) => {
    await expect(pulled(told({ error }))).rejects.toMatchObject({ code });
    await expect(pulled(told({ error }))).rejects.toThrow(message);
  });
});
