import { ContainersController } from './containers.controller.js';
import { ContainerViewsController } from './views.controller.js';
import { WaitController } from './wait.controller.js';

/** Everything below /containers that is not a stream. */
export const containerControllers = [ContainersController, ContainerViewsController, WaitController];
