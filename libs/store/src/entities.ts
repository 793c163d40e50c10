import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** The one row about the database itself. */
@Entity('meta')
export class MetaRow {
  @PrimaryColumn('integer')
  id!: 1;

  @Column('text')
  nodeId!: string;

  /** revision of the last commit */
  @Column('integer')
  revision!: number;
}

/** What every kind has; `value` is the object as JSON, and the only truth about it. */
export abstract class ObjectRow {
  @PrimaryColumn('text')
  id!: string;

  @Column('integer')
  version!: number;

  @Column('text')
  value!: string;
}

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
