import type Docker from 'dockerode';
import { systemClock } from '#lib/common';
import { dial } from '../docker-api/dial.js';

/** Milliseconds. A create that is under way is a moment in between; each step of it is far shorter. */
const A_MOMENT = 2_000;

/** What Podman says is run in a container that only its storage has; of those of builds it says `buildah`. */
const STORAGE_ONLY = 'storage';

interface Listed {
  Id: string;
  Command: string[] | null;
}

/**
 * Podman makes a container in its storage, with its name, before it writes it down in its database. Where it was killed in
 * between nothing lists the container, and the name stays taken.
 */
export async function dropRemains(docker: Docker, holder: string): Promise<boolean> {
  if (!(await isInStorageOnly(docker, holder))) return false;
  await systemClock.sleep(A_MOMENT);
  if (!(await isInStorageOnly(docker, holder))) return false;
  await docker.getContainer(holder).remove({ force: true });
  return true;
}

async function isInStorageOnly(docker: Docker, id: string): Promise<boolean> {
  const all = await dial<Listed[] | null>(docker, {
    method: 'GET',
    path: '/v4.0.0/libpod/containers/json',
    query: { all: 'true', external: 'true' },
  });
  return (all ?? []).some(({ Id, Command }) => Id === id && Command?.[0] === STORAGE_ONLY);
}
