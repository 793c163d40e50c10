import { RegistryController } from '../registry/registry.controller.js';
import { AbsentController } from './absent.controller.js';
import { DiskUsageController } from './disk-usage.controller.js';
import { OutsideSwarmController } from './outside-swarm.controller.js';
import { PingController } from './ping.controller.js';
import { SystemController } from './system.controller.js';
import { VersionController } from './version.controller.js';

/** What the node says of itself, and what it says that it has not. */
export const systemControllers = [
  AbsentController,
  DiskUsageController,
  OutsideSwarmController,
  PingController,
  RegistryController,
  SystemController,
  VersionController,
];
