import { Injectable } from '@nestjs/common';
import { conflict } from '#lib/common';
import { ContainerDirectory } from '../../containers/container-directory.js';
import { ContainersService } from '../../containers/containers.service.js';
import { inWords } from './refusals.js';
import type { Ask, Call, Route, RouteSet } from './route.js';

/** What is passed through of one container. */
@Injectable()
export class ContainerRoutes implements RouteSet {
  readonly routes: readonly Route[] = [
    { method: 'POST', path: '/containers/:name/attach', hijack: true, ask: (call) => this.attach(call) },
    { method: 'POST', path: '/containers/:name/exec', ask: this.same('exec'), refusal: this.notRunning() },
    { method: 'POST', path: '/containers/:name/resize', ask: this.same('resize') },
    { method: 'GET', path: '/containers/:name/logs', ask: this.same('logs') },
    { method: 'GET', path: '/containers/:name/top', ask: this.same('top') },
    { method: 'GET', path: '/containers/:name/stats', ask: this.same('stats') },
    { method: 'GET', path: '/containers/:name/changes', ask: this.same('changes') },
    { method: 'GET', path: '/containers/:name/export', ask: this.same('export') },
    { method: 'GET', path: '/containers/:name/archive', ask: this.same('archive') },
    { method: 'HEAD', path: '/containers/:name/archive', ask: this.same('archive') },
    { method: 'PUT', path: '/containers/:name/archive', upload: true, ask: this.same('archive') },
  ];

  constructor(
    private readonly directory: ContainerDirectory,
    private readonly containers: ContainersService,
  ) {}

  private async attach(call: Call): Promise<Ask> {
    await this.containers.prepare(call.params['name']!);
    return this.same('attach')(call);
  }

  private notRunning() {
    return inWords([
      [
        /state improper|not running/,
        ({ params }) => conflict(`container ${this.directory.find(params['name']!).id} is not running`),
      ],
    ]);
  }

  /** The same endpoint of the engine's container. */
  private same(what: string): (call: Call) => Ask {
    return ({ params }) => ({ path: `/containers/${this.directory.engineId(params['name']!)}/${what}` });
  }
}
