import { SkepError } from '#lib/common';
import { fullName } from '#lib/engine';
import type { Message } from './messages.js';
import { toText, type Reference } from './reference.js';

/** What stands before the registry's own words. */
const FRAME = /^.*?: (?=Get "|Put "|Patch "|unauthorized: |denied: )/;
const PUSHED = /^(\S+): digest: (\S+) size: (\d+)$/;

/** Where a push goes to: the first message of each. */
export function pushTarget({ repository }: Reference): Message {
  return { status: `The push refers to repository [${fullName(repository)}]` };
}

/** A push in Docker's words: its layers, and with the digest what programs read of it. Throws what the registry refused. */
export async function* pushMessages(engine: AsyncIterable<Message>, reference: Reference): AsyncGenerator<Message> {
  for await (const message of engine) {
    if (message.error !== undefined) {
      const denied = /denied|unauthorized|authentication required|no basic auth/i.test(message.error);
      throw new SkepError(denied ? 'unauthorized' : 'internal', message.error.replace(FRAME, ''));
    }
    if (message.status?.startsWith('The push refers to')) continue;
    const pushed = PUSHED.exec(message.status ?? '');
    if (!pushed) {
      yield message;
      continue;
    }
    const [, , digest, size] = pushed;
    yield { status: `${reference.tag ?? toText(reference)}: digest: ${digest} size: ${size}` };
    yield { progressDetail: {}, aux: { Tag: reference.tag, Digest: digest, Size: Number(size) } };
  }
}
