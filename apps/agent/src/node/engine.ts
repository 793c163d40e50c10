import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import type { DaemonConfig } from '#lib/contracts';
import { type Engine, openDocker, PodmanService } from '#lib/engine';

interface OpenEngine {
  engine: Engine;
  /** ends what was started for it; containers keep running */
  stop: () => Promise<void>;
}

/** The container engine that the configuration names: Podman's service, started or adopted, or a Docker Engine that runs. */
export async function openEngine(config: DaemonConfig): Promise<OpenEngine> {
  const log = new Logger('engine');
  if (config.engine === 'docker') {
    const engine = await openDocker(config.engineSocket ?? '', { log: (message) => log.log(message) });
    log.log(`Docker Engine ${(await engine.info()).version} on ${config.engineSocket}`);
    return { engine, stop: () => Promise.resolve() };
  }
  const service = new PodmanService({
    dataRoot: join(config.dataRoot, 'engine'),
    execRoot: join(config.execRoot, 'engine'),
    insecureRegistries: config.insecureRegistries,
    log: (message) => log.log(message),
  });
  await service.start();
  return { engine: service.engine, stop: () => service.stop() };
}
