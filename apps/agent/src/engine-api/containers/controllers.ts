import { ContainersController } from './containers.controller.js';
import { ExecController } from '../exec/exec.controller.js';
import { LogsController } from '../logs/logs.controller.js';
import { StatsController } from './stats.controller.js';
import { TopController } from './top.controller.js';
import { ContainerViewsController } from './views.controller.js';
import { WaitController } from './wait.controller.js';

/** Everything below /containers, and of /exec, that the engine does not answer itself. */
export const containerControllers = [
  ContainersController,
  ContainerViewsController,
  ExecController,
  LogsController,
  StatsController,
  TopController,
  WaitController,
];
