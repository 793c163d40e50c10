import { engineContract } from '../engine.contract.js';
import { ScratchDocker } from '../testing/scratch-docker.js';

engineContract('docker', async () => {
  const scratch = await ScratchDocker.start();
  return {
    engine: scratch.engine,
    image: scratch.image,
    rootfs: () => scratch.rootfs(),
    network: scratch.network,
    close: () => scratch.close(),
  };
});
