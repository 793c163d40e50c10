import type { Readable } from 'node:stream';
import type { Engine, EngineCreate } from './engine.js';

/** An engine that the contract is held against. */
export interface EngineFixture {
  engine: Engine;
  /** an image that the engine has, whose only content that counts is busybox */
  image: string;
  /** a root file system with busybox, as a tar */
  rootfs: () => Readable;
  network: EngineCreate['network'];
  close: () => Promise<void>;
}
