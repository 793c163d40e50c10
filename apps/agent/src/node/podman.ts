import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import type { DaemonConfig } from '#lib/contracts';
import { PodmanService, type Engine } from '#lib/engine';

/** The embedded engine, started or adopted. `stop` ends its service; containers keep running. */
export async function createPodman(config: DaemonConfig): Promise<{ engine: Engine; stop: () => Promise<void> }> {
  const log = new Logger('engine');
  const service = new PodmanService({
    dataRoot: join(config.dataRoot, 'engine'),
    execRoot: join(config.execRoot, 'engine'),
    insecureRegistries: config.insecureRegistries,
    log: (message) => log.log(message),
  });
  await service.start();
  return { engine: service.engine, stop: () => service.stop() };
}
