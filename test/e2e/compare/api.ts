import { request } from 'node:http';
import { SkepError } from '#lib/common';

export interface Answer {
  status: number;
  type: string;
  /** JSON where it is that, else text */
  body: unknown;
}

/** One request to an Engine API on a socket. 20.10's version, which both know. */
export function ask(
  socketPath: string,
  method: string,
  path: string,
  body?: unknown,
  more: Record<string, string> = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const payload = body === undefined ? '' : JSON.stringify(body);
    const headers = { ...more, ...(body !== undefined && { 'Content-Type': 'application/json' }) };
    const call = request({ socketPath, method, path: `/v1.41${path}`, headers, timeout: 30_000 }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        const type = (response.headers['content-type'] ?? '').split(';')[0]!;
        resolve({ status: response.statusCode!, type, body: type === 'application/json' ? parsed(text) : text });
      });
    });
    const late = () => call.destroy(new SkepError('timeout', `${method} ${path}: no answer in 30 s`));
    call.on('timeout', late).on('error', reject).end(payload);
  });
}

/** One document, or several, a line each. */
function parsed(text: string): unknown {
  if (text.trim() === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
  }
}
