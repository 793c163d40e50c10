import { fullName } from '#lib/engine';
import type { Message } from './messages.js';
import { toText, type Reference } from './reference.js';
import { pullRefusal } from './registry-errors.js';

/** What the pull has brought, looked at when it has ended. */
export interface Pulled {
  /** the image that was there before, by id */
  before: string | undefined;
  after(): Promise<{ id: string; digest: string | undefined }>;
}

/**
 * A pull in Docker's words: what is pulled, each layer from its beginning to `Pull complete`, and the digest. A pull that
 * fails before its first layer throws.
 * @returns whether the image is newer than what was here
 */
export async function* pullMessages(
  engine: AsyncIterable<Message>,
  reference: Reference,
  { before, after }: Pulled,
): AsyncGenerator<Message, boolean> {
  let begun = false;
  const downloaded = new Set<string>();
  for await (const message of engine) {
    if (message.error !== undefined) throw pullRefusal(reference, message.error);
    if (!begun) yield { status: `Pulling from ${pathOf(reference)}`, id: reference.tag ?? reference.digest };
    begun = true;
    if (message.id === undefined) continue;
    // An engine says so when the bytes are there, and once more when the layer is.
    const complete = message.status === 'Download complete' && downloaded.has(message.id);
    if (message.status === 'Download complete') downloaded.add(message.id);
    yield complete ? { ...message, status: 'Pull complete' } : message;
  }
  const { id, digest } = await after();
  if (!begun) yield { status: `Pulling from ${pathOf(reference)}`, id: reference.tag ?? reference.digest };
  if (digest !== undefined) yield { status: `Digest: ${digest}` };
  return id !== before;
}

/** The last message. @param pulled as it was asked for */
export function pullStatus(pulled: Reference, newer: boolean): Message {
  return { status: `Status: ${newer ? 'Downloaded newer image' : 'Image is up to date'} for ${toText(pulled)}` };
}

/** The repository on its registry. */
function pathOf({ repository }: Reference): string {
  const full = fullName(repository);
  return full.slice(full.indexOf('/') + 1);
}
