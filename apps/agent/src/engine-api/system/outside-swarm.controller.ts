import { All, Controller, Post } from '@nestjs/common';
import { unavailable } from '#lib/common';
import { NOT_A_MANAGER } from '#lib/http';

const MANAGED = ['swarm', 'swarm/update', 'swarm/unlockkey', 'swarm/keys'].concat(
  ['nodes', 'services', 'tasks', 'secrets', 'configs'].flatMap((kind) => [kind, `${kind}/*path`]),
);

/** The swarm's endpoints on a node that is no manager. */
@Controller()
export class OutsideSwarmController {
  @Post('swarm/unlock')
  unlock(): never {
    throw unavailable('This node is not part of a swarm');
  }

  @All(MANAGED)
  managed(): never {
    throw unavailable(NOT_A_MANAGER);
  }
}
