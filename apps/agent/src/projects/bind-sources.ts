import { access, mkdir } from 'node:fs/promises';
import { invalid } from '#lib/common';
import type { Project, Service } from '#lib/compose';

/**
 * `create_host_path` is on by default: a bind mount's source that is missing becomes a directory, as in Docker Compose.
 * @param services names of those that are to run
 */
export async function createBindSources(project: Project, services: readonly string[]): Promise<void> {
  for (const name of services) {
    for (const { source } of binds(project.services[name]!, true)) {
      await mkdir(source, { recursive: true }).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'EEXIST') throw error;
      });
    }
  }
}

/** What is mounted and not made has to be there: an engine would make a directory in the place of a secret's file. */
export async function checkSources(project: Project, services: readonly string[]): Promise<void> {
  for (const name of services) {
    const service = project.services[name];
    // An orphan.
    if (!service) continue;
    const files = [
      ...(service.secrets ?? []).map((use) => project.secrets?.[use.source]?.file),
      ...(service.configs ?? []).map((use) => project.configs?.[use.source]?.file),
    ].filter((file) => file !== undefined);
    for (const path of [...binds(service, false).map(({ source }) => source), ...files]) {
      await access(path).catch(() => {
        throw invalid(
          `services.${name}: invalid mount config for type "bind": bind source path does not exist: ${path}`,
        );
      });
    }
  }
}

function binds({ volumes = [] }: Service, made: boolean): { source: string }[] {
  return volumes.flatMap(({ type, source, bind }) =>
    type === 'bind' && source && (bind?.create_host_path !== false) === made ? [{ source }] : [],
  );
}
