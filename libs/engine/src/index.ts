export * from './engine.js';
export { DockerApiEngine } from './docker-api/docker-api-engine.js';
export type { EngineDialect, HostConfig, Listed } from './docker-api/dialect.js';
export { askEngine, callEngine, type EngineCall } from './docker-api/call.js';
export { familiarName, withTag } from './docker-api/image-name.js';
export { openDocker } from './docker/open-docker.js';
export { FakeEngine } from './fake/fake-engine.js';
export { podmanDialect } from './podman/podman-dialect.js';
export { PodmanService, type PodmanServiceOptions } from './podman/podman-service.js';
