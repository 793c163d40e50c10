import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { invalid, replaceFile } from '#lib/common';
import { NodeNames } from '#lib/domain';
import { type Namespace, Segment } from '#lib/lab';

/** What is remembered of a cluster of test hosts, in `cluster.json` of its folder. */
interface Plan {
  /** how names of its namespaces begin: no two clusters share it */
  tag: string;
  /** first three numbers of the /24 that its machines are in */
  subnet: string;
  /** ids of the daemons, by number from 1; empty until the daemon has told */
  nodeIds: string[];
}

/** Machines have the addresses from .1 on; one is the switch's. */
export const MOST_NODES = 100;

/** One node of the cluster: where everything of it is. */
export interface Place {
  name: string;
  machine: Namespace;
  folder: string;
  /** on a tmpfs: sockets, and files that must not lie on a disk */
  execRoot: string;
  socket: string;
  logFile: string;
  /** how names of its sandboxes begin; absent until its daemon has run */
  netnsPrefix?: string;
}

/** A cluster of test hosts on this machine, as its folder says. */
export class ClusterPlaces {
  /** the last write: nodes that start at the same time are remembered one after another */
  private saving: Promise<void> = Promise.resolve();

  private constructor(
    readonly folder: string,
    private readonly plan: Plan,
  ) {}

  /** undefined where there is none */
  static async read(folder: string): Promise<ClusterPlaces | undefined> {
    const path = join(folder, 'cluster.json');
    try {
      const plan = JSON.parse(await readFile(path, 'utf8')) as Plan;
      if (/^skep-c[0-9a-f]{6}$/.test(plan.tag) && Array.isArray(plan.nodeIds)) return new ClusterPlaces(folder, plan);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      if (!(error instanceof SyntaxError)) throw error;
    }
    throw invalid(`${path}: this is not what "skep cluster up" wrote; move it away, or choose another --data-root`);
  }

  static plan(folder: string): ClusterPlaces {
    const chance = randomBytes(3);
    const subnet = `10.98.${(chance[0]! % 250) + 1}`;
    return new ClusterPlaces(folder, { tag: `skep-c${chance.toString('hex')}`, subnet, nodeIds: [] });
  }

  get count(): number {
    return this.plan.nodeIds.length;
  }

  get segment(): Segment {
    return Segment.at(this.plan.tag, this.plan.subnet);
  }

  /** Sockets of all nodes lie below it. */
  get execFolder(): string {
    return join('/run', this.plan.tag);
  }

  get nodes(): Place[] {
    return this.plan.nodeIds.map((nodeId, index) => this.place(index + 1, nodeId));
  }

  /** Written down before anything is made, so that whatever is half made can be taken down. */
  async grow(count: number): Promise<void> {
    while (this.plan.nodeIds.length < count) this.plan.nodeIds.push('');
    await this.save();
  }

  async remember(name: string, nodeId: string): Promise<void> {
    this.plan.nodeIds[Number(name.slice('node'.length)) - 1] = nodeId;
    await this.save();
  }

  private place(number: number, nodeId: string): Place {
    const name = `node${number}`;
    const folder = join(this.folder, name);
    const execRoot = join(this.execFolder, name);
    return {
      name,
      machine: this.segment.machine(number),
      folder,
      execRoot,
      socket: join(execRoot, 'docker.sock'),
      logFile: join(folder, 'daemon.log'),
      ...(nodeId !== '' && { netnsPrefix: new NodeNames(nodeId).netnsPrefix }),
    };
  }

  private save(): Promise<void> {
    this.saving = this.saving.catch(() => undefined).then(() => this.write());
    return this.saving;
  }

  private async write(): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: 0o711 });
    // Containers with users of their own reach their files by path, also below a folder that was there.
    await chmod(this.folder, 0o711);
    const path = join(this.folder, 'cluster.json');
    await replaceFile(path, `${JSON.stringify(this.plan, null, 2)}\n`, { mode: 0o600, durable: false });
  }
}
