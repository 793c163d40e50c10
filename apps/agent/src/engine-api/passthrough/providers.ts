import type { Provider } from '@nestjs/common';
import { ImageRoutes } from '../images/image-routes.js';
import { ContainerLogs } from '../logs/container-logs.js';
import { ContainerRoutes } from './container-routes.js';
import { ExecBook } from '../exec/exec-book.js';
import { ExecRoutes } from '../exec/exec-routes.js';
import { Passthrough, ROUTES } from './passthrough.js';
import type { RouteSet } from './route.js';

const sets = [ContainerRoutes, ExecRoutes, ImageRoutes];

export const passthrough: Provider[] = [
  ContainerLogs,
  ExecBook,
  ...sets,
  {
    provide: ROUTES,
    inject: sets,
    useFactory: (...given: RouteSet[]) => given.flatMap((set) => set.routes),
  },
  Passthrough,
];
