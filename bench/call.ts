import { request } from 'node:http';
import { internal } from '#lib/common';

/** The body that is answered, once all of it is there. */
export function call(socketPath: string, method: string, path: string, body?: unknown): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { 'Content-Type': 'application/json' };
    const sent = request({ socketPath, method, path, headers, timeout: 30_000 }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.on('end', () => {
        if ((response.statusCode ?? 500) < 400) resolve(text);
        else reject(internal(`${method} ${path}: ${response.statusCode} ${text}`));
      });
    });
    sent.on('timeout', () => sent.destroy(internal(`${method} ${path}: no answer in 30 s`)));
    sent.on('error', reject).end(body === undefined ? undefined : JSON.stringify(body));
  });
}
