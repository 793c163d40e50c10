import type { Provider } from '@nestjs/common';
import { BuildSandboxes } from '../build/build-sandboxes.js';
import { EngineImages } from './engine-images.js';
import { ImageEvents } from './image-events.js';
import { ImagePrune } from './image-prune.js';
import { ImageUsage } from './image-usage.js';
import { LayerSizes } from './layer-sizes.js';

export const imageProviders: Provider[] = [
  BuildSandboxes,
  EngineImages,
  ImageEvents,
  ImagePrune,
  ImageUsage,
  LayerSizes,
];
