import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The one row about the database itself. */
@Entity('meta')
export class MetaRow {
  @PrimaryColumn('integer')
  id!: 1;

  /** the owner's id */
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
