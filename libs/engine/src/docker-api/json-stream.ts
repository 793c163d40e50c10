/** One message of POST /images/create: what happens, or why it failed. */
export interface Progress {
  id?: string;
  status?: string;
  /** Podman's pull says what it does here */
  stream?: string;
  progress?: string;
  error?: string;
}

/** JSON documents, one a line, out of chunks that end anywhere. A line that is not JSON is left out. */
export async function* jsonLines(chunks: AsyncIterable<Buffer | string>): AsyncGenerator<Progress> {
  let pending = '';
  const decoder = new TextDecoder();
  for await (const chunk of chunks) {
    pending += typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true });
    const lines = pending.split('\n');
    pending = lines.pop() ?? '';
    yield* lines.flatMap(parsed);
  }
  yield* parsed(pending);
}

function parsed(line: string): Progress[] {
  try {
    const value: unknown = JSON.parse(line);
    return value !== null && typeof value === 'object' ? [value] : [];
  } catch {
    return [];
  }
}
