import type { EngineFixture } from '../engine-fixture.js';
import { engineContract } from '../engine.contract.js';
import { realLogsContract } from '../logs/real-logs.contract.js';
import { ScratchDocker } from '../testing/scratch-docker.js';

const open = async (): Promise<EngineFixture> => {
  const scratch = await ScratchDocker.start();
  return {
    engine: scratch.engine,
    image: scratch.image,
    rootfs: () => scratch.rootfs(),
    network: scratch.network,
    close: () => scratch.close(),
  };
};

engineContract('docker', open);
realLogsContract('docker', open, { toTheVeryEnd: false });
