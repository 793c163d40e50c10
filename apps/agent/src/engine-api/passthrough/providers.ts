import type { Provider } from '@nestjs/common';
import { ExecBook } from '../exec/exec-book.js';
import { ExecRoutes } from '../exec/exec-routes.js';
import { ImageRoutes } from '../images/image-routes.js';
import { ContainerRoutes } from './container-routes.js';
import { Passthrough, ROUTES } from './passthrough.js';
import type { RouteSet } from './route.js';

const sets = [ContainerRoutes, ExecRoutes, ImageRoutes];

export const passthrough: Provider[] = [
  ExecBook,
  ...sets,
  {
    provide: ROUTES,
    inject: sets,
    useFactory: (...given: RouteSet[]) => given.flatMap((set) => set.routes),
  },
  Passthrough,
];
