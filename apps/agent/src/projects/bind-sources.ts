import { mkdir } from 'node:fs/promises';
import type { Project } from '#lib/compose';

/** `create_host_path` is on by default: a bind mount's source that is missing becomes a directory, as in Docker Compose. */
export async function createBindSources(project: Project): Promise<void> {
  for (const service of Object.values(project.services)) {
    for (const mount of service.volumes ?? []) {
      if (mount.type !== 'bind' || mount.bind?.create_host_path === false || !mount.source) continue;
      await mkdir(mount.source, { recursive: true }).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'EEXIST') throw error;
      });
    }
  }
}
