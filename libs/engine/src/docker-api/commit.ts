import type Docker from 'dockerode';
import type { CommitRequest } from '../engine.js';
import { dial } from './dial.js';

/** A container's files as a new image, as Docker makes it. Gives the image's id. */
export async function commitDocker(docker: Docker, engineId: string, request: CommitRequest): Promise<string> {
  const { repository, tag, comment, author, pause, config, changes } = request;
  const given = Object.entries({ repo: repository, tag, comment, author });
  const { Id } = await dial<{ Id: string }>(docker, {
    method: 'POST',
    path: '/commit',
    query: {
      container: engineId,
      pause: String(pause),
      changes,
      ...Object.fromEntries(given.filter((entry): entry is [string, string] => entry[1] !== undefined)),
    },
    json: config,
  });
  return Id;
}
