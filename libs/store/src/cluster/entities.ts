import { Column, Entity, Index } from 'typeorm';
import { ObjectRow } from '../rows.js';

@Entity('cluster')
export class ClusterRow extends ObjectRow {}

@Entity('node')
export class NodeRow extends ObjectRow {}

@Entity('service')
@Index('service_name', ['name'], { unique: true })
export class ServiceRow extends ObjectRow {
  @Column('text')
  name!: string;
}

@Entity('task')
export class TaskRow extends ObjectRow {
  @Index('task_service')
  @Column('text')
  serviceId!: string;

  @Index('task_node')
  @Column('text', { nullable: true })
  nodeId!: string | null;
}

@Entity('network')
@Index('network_name', ['name'], { unique: true })
export class ClusterNetworkRow extends ObjectRow {
  @Column('text')
  name!: string;
}

@Entity('secret')
@Index('secret_name', ['name'], { unique: true })
export class SecretRow extends ObjectRow {
  @Column('text')
  name!: string;
}

@Entity('config')
@Index('config_name', ['name'], { unique: true })
export class ConfigRow extends ObjectRow {
  @Column('text')
  name!: string;
}

@Entity('attachment')
export class AttachmentRow extends ObjectRow {
  @Index('attachment_node')
  @Column('text')
  nodeId!: string;
}
