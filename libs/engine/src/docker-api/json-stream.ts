/** One message of a pull, a build and the like: what happens, or why it failed. */
export interface EngineMessage {
  id?: string;
  status?: string;
  /** text that is printed as it is */
  stream?: string;
  progress?: string;
  error?: string;
}

/** JSON documents, one a line, out of chunks that end anywhere. A line that is not JSON is left out. */
export async function* jsonLines(chunks: AsyncIterable<Buffer | string>): AsyncGenerator<EngineMessage> {
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

function parsed(line: string): EngineMessage[] {
  try {
    const value: unknown = JSON.parse(line);
    return value !== null && typeof value === 'object' ? [value] : [];
  } catch {
    return [];
  }
}
