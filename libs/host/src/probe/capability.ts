import { messageOf } from '#lib/common';

/** One thing that a node may have, for `skep doctor`. */
export interface Capability {
  name: string;
  ok: boolean;
  /** what was found, and when it is not ok what follows or helps; one line */
  detail: string;
  /** without it nothing works; else some networks or features are missing */
  needed: boolean;
}

/** Tries something; an error is the answer no, with its message. */
export async function tried(
  name: string,
  needed: boolean,
  attempt: () => string | Promise<string>,
  without = '',
): Promise<Capability> {
  try {
    return { name, ok: true, detail: await attempt(), needed };
  } catch (error) {
    const why = messageOf(error).split('\n')[0] ?? '';
    return { name, ok: false, detail: without ? `${why}; ${without}` : why, needed };
  }
}
