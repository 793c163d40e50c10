import type { EngineFixture } from '../engine-fixture.js';
import { engineContract } from '../engine.contract.js';
import { realLogsContract } from '../logs/real-logs.contract.js';
import { ScratchPodman } from '../testing/scratch-podman.js';

const open = async (): Promise<EngineFixture> => {
  const scratch = new ScratchPodman();
  const service = scratch.service();
  await scratch.ready(service);
  return {
    engine: service.engine,
    image: scratch.image,
    rootfs: () => scratch.rootfs(),
    network: scratch.network,
    close: () => scratch.close(service),
  };
};

engineContract('podman', open);
realLogsContract('podman', open);
