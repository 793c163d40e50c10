import { afterAll, beforeAll } from 'vitest';
import type { Engine } from '../engine.js';
import type { PodmanService } from '../podman/podman-service.js';
import { ScratchPodman } from './scratch-podman.js';

/** A scratch Podman for the tests of a `describe`, which is ready before the first and gone after the last. */
export function usePodman(options: Parameters<ScratchPodman['service']>[0] = {}) {
  let scratch: ScratchPodman;
  let service: PodmanService;
  beforeAll(async () => {
    scratch = new ScratchPodman();
    service = scratch.service(options);
    await scratch.ready(service);
  });
  afterAll(() => scratch.close(service));
  return {
    get scratch(): ScratchPodman {
      return scratch;
    },
    get service(): PodmanService {
      return service;
    },
    get engine(): Engine {
      return service.engine;
    },
  };
}
