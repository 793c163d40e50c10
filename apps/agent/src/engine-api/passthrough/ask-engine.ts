import { request, type IncomingMessage } from 'node:http';
import { internal, SkepError, unavailable } from '#lib/common';
import { answerOf } from '../../http/bodies.js';
import { codeOf, wordsOf } from './refusals.js';

/** What every engine speaks. */
export const ENGINE_VERSION = '/v1.41';

interface Question {
  socketPath: string;
  method: 'GET' | 'HEAD' | 'POST';
  /** without version, with its query */
  path: string;
}

/** A question of our own to the engine. Rejects with what the engine has against it. */
export async function askEngine({ socketPath, method, path }: Question): Promise<IncomingMessage> {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const options = { socketPath, method, path: `${ENGINE_VERSION}${path}`, agent: false as const };
    request(options, resolve)
      .on('error', (error) => reject(unavailable(`the container engine does not answer: ${error.message}`, error)))
      .end();
  });
  const status = answer.statusCode ?? 500;
  if (status < 400) {
    if (method === 'HEAD') answer.resume();
    return answer;
  }
  throw new SkepError(codeOf(status), wordsOf(await answerOf(answer)) || `${method} ${path}: status ${status}`);
}

/** The same, with JSON as the answer. */
export async function askEngineForJson(question: Question): Promise<unknown> {
  const body = await answerOf(await askEngine(question));
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (error) {
    throw internal(`${question.method} ${question.path}: the container engine's answer is not JSON`, error);
  }
}
