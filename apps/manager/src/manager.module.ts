import { Module, type DynamicModule } from '@nestjs/common';
import type { ClusterStore } from '#lib/store';
import { CaController } from './ca/ca.controller.js';
import { CertificateAuthority } from './ca/certificate-authority.js';
import { RolesGuard } from './ca/roles.js';
import type { ClusterKey } from './cluster/cluster-key.js';
import { KEY, STORE } from './cluster/tokens.js';
import { CopyController, FOLDER } from './backup/copy.controller.js';
import { ConfigsController } from './control-api/configs.controller.js';
import { NetworksController } from './control-api/networks.controller.js';
import { NodesController } from './control-api/nodes.controller.js';
import { SecretsController } from './control-api/secrets.controller.js';
import { ServicesController } from './control-api/services.controller.js';
import { SwarmController } from './control-api/swarm.controller.js';
import { TasksController } from './control-api/tasks.controller.js';
import { DispatcherController } from './dispatcher/dispatcher.controller.js';
import { Dispatcher } from './dispatcher/dispatcher.js';
import { Liveness } from './dispatcher/liveness.js';
import { ClusterEvents } from './events/cluster-events.js';
import { EventsController } from './events/events.controller.js';
import { LogBroker } from './logs/log-broker.js';
import { LogReading } from './logs/log-reading.js';
import { LogsController } from './logs/logs.controller.js';
import { LoopRunner } from './loops/loop-runner.js';

/** The manager: the cluster's state, who may see it, and the loops that make services into tasks. */
@Module({})
export class ManagerModule {
  static on(store: ClusterStore, key: ClusterKey, folder: string): DynamicModule {
    return {
      module: ManagerModule,
      controllers: [
        CaController,
        DispatcherController,
        LogsController,
        SwarmController,
        CopyController,
        EventsController,
        NodesController,
        NetworksController,
        ServicesController,
        TasksController,
        SecretsController,
        ConfigsController,
      ],
      providers: [
        { provide: STORE, useValue: store },
        { provide: KEY, useValue: key },
        { provide: FOLDER, useValue: folder },
        CertificateAuthority,
        ClusterEvents,
        Dispatcher,
        Liveness,
        LogBroker,
        LogReading,
        LoopRunner,
        RolesGuard,
      ],
    };
  }
}
