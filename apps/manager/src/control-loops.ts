import { allocator } from './allocator/allocator.js';
import { rootChange } from './ca/root-change.js';
import type { Loop } from './loops/loop.js';
import { orchestrator } from './orchestrator/orchestrator.js';
import { reaper } from './reaper/reaper.js';
import { constraintEnforcer } from './scheduler/constraint-enforcer.js';
import { scheduler } from './scheduler/scheduler.js';
import { keyChanges } from './tunnels/key-changes.js';
import { updater } from './updater/updater.js';

/** All control loops. Their order has no meaning: each waits for what the others leave in the state. */
export const LOOPS: readonly Loop[] = [
  allocator,
  orchestrator,
  updater,
  scheduler,
  constraintEnforcer,
  reaper,
  keyChanges,
  rootChange,
];
