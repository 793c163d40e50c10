import { Column, Entity, Index } from 'typeorm';
import { ObjectRow } from '../rows.js';

@Entity('network')
@Index('network_name', ['name'], { unique: true, where: `target <> 'removed'` })
export class NetworkRow extends ObjectRow {
  @Column('text')
  name!: string;

  @Column('text')
  target!: string;
}

@Entity('container')
@Index('container_name', ['name'], { unique: true, where: `target <> 'removed'` })
export class ContainerRow extends ObjectRow {
  @Column('text')
  name!: string;

  @Column('text')
  target!: string;

  @Index('container_project')
  @Column('text', { nullable: true })
  project!: string | null;
}

@Entity('status')
export class StatusRow extends ObjectRow {}

@Entity('volume')
export class VolumeRow extends ObjectRow {
  @Column('text', { nullable: true })
  project!: string | null;
}

@Entity('project')
export class ProjectRow extends ObjectRow {}

@Entity('assignment')
export class AssignmentRow extends ObjectRow {}
