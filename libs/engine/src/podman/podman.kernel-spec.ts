import { engineContract } from '../engine.contract.js';
import { ScratchPodman } from '../testing/scratch-podman.js';

engineContract('podman', async () => {
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
});
