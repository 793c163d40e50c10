import { Injectable } from '@nestjs/common';
import type { Route, RouteSet } from './route.js';

/** Commands in containers: all but their making, which is the container's. */
@Injectable()
export class ExecRoutes implements RouteSet {
  readonly routes: readonly Route[] = [
    { method: 'POST', path: '/exec/:id/start', hijack: true },
    { method: 'POST', path: '/exec/:id/resize' },
    { method: 'GET', path: '/exec/:id/json' },
  ];
}
