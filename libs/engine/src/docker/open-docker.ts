import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Docker from 'dockerode';
import { messageOf, packageRoot, SkepError, unavailable, unsupported } from '#lib/common';
import { DockerApiEngine } from '../docker-api/docker-api-engine.js';
import type { Engine } from '../engine.js';
import { dockerDialect, RUNTIME } from './docker-dialect.js';
import { DockerRegistries } from './docker-registries.js';

/** The part of GET /info that decides whether an engine will do. */
interface DockerInfo {
  OSType?: string;
  Runtimes?: Record<string, { path?: string }>;
  SecurityOptions?: string[];
}

/** What has to be registered with Docker Engine. */
const RUNTIME_PATH = join(packageRoot() ?? '/', 'bin/skep-runtime');

/**
 * A running Docker Engine, checked for what skep needs of it.
 * @param address `unix:///path`
 * @throws unavailable, unsupported: with what to configure
 */
export async function openDocker(
  address: string,
  { runtimePath = RUNTIME_PATH, log }: { runtimePath?: string; log?: (message: string) => void } = {},
): Promise<Engine> {
  const socketPath = address.replace(/^unix:\/\//, '');
  const docker = new Docker({ socketPath });
  const info = (await docker.info().catch((error: unknown) => {
    throw away(socketPath, error);
  })) as DockerInfo;
  const refusal = refusalOf(info, runtimePath);
  if (refusal) throw unsupported(`Docker Engine on ${socketPath}: ${refusal}`);
  return new DockerApiEngine(socketPath, dockerDialect, new DockerRegistries(socketPath), log);
}

function away(socketPath: string, error: unknown): SkepError {
  const { code } = error as NodeJS.ErrnoException;
  const found =
    code === 'ENOENT'
      ? 'there is no such socket'
      : code === 'ECONNREFUSED'
        ? 'nobody listens there'
        : `it does not answer (${messageOf(error)})`;
  return unavailable(
    `Docker Engine on ${socketPath}: ${found}; start it, or name its socket with "engine-socket"`,
    error,
  );
}

/** Why this engine will not do; undefined when it will. */
export function refusalOf(info: DockerInfo, runtimePath: string): string | undefined {
  if (info.OSType !== 'linux') return `it runs ${info.OSType ?? 'unknown'} containers; linux is accepted`;
  for (const option of ['rootless', 'userns'] as const) {
    if (info.SecurityOptions?.some((one) => one.startsWith(`name=${option}`))) {
      const why =
        option === 'rootless' ? 'it runs without root' : 'its containers run in a user namespace (userns-remap)';
      return `${why}, and cannot enter network namespaces that skep makes`;
    }
  }
  const registered = info.Runtimes?.[RUNTIME];
  const how = howToRegister(runtimePath);
  if (!registered) return `the runtime "${RUNTIME}" is not registered; ${how}`;
  const path = registered.path ?? '';
  return isSame(path, runtimePath)
    ? undefined
    : `the runtime "${RUNTIME}" is ${path || 'unknown'}, which is not skep's; ${how}`;
}

function howToRegister(runtimePath: string): string {
  const snippet = JSON.stringify({ runtimes: { [RUNTIME]: { path: runtimePath } } });
  return (
    `add ${snippet} to /etc/docker/daemon.json and restart Docker Engine, ` +
    `or start dockerd with --add-runtime ${RUNTIME}=${runtimePath}`
  );
}

/** The same program, there or as a copy. */
function isSame(path: string, wanted: string): boolean {
  if (path === wanted) return true;
  try {
    return readFileSync(path).equals(readFileSync(wanted));
  } catch {
    return false;
  }
}
