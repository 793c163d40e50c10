import { Module, type DynamicModule } from '@nestjs/common';
import { BackupModule } from './backup/backup.module.js';
import { CaModule } from './ca/ca.module.js';
import { ClusterModule, type ClusterParts } from './cluster/cluster.module.js';
import { ControlApiModule } from './control-api/control-api.module.js';
import { DispatcherModule } from './dispatcher/dispatcher.module.js';
import { EventsModule } from './events/events.module.js';
import { LogsModule } from './logs/logs.module.js';
import { LoopsModule } from './loops/loops.module.js';

/** The manager: the cluster's state, who may see it, and the loops that make services into tasks. */
@Module({
  imports: [LoopsModule, CaModule, DispatcherModule, LogsModule, EventsModule, BackupModule, ControlApiModule],
})
export class ManagerModule {
  static on(parts: ClusterParts): DynamicModule {
    return { module: ManagerModule, imports: [ClusterModule.with(parts)] };
  }
}
