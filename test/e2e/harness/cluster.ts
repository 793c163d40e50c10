import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { must, type Outcome, run, type RunOptions } from '#lib/lab';
import { DEMO_IMAGE, demoImageTar, ROOT } from './image.js';

const SKEP = join(ROOT, 'bin/skep');

/** A line of `skep cluster ls`. */
export interface ClusterNode {
  name: string;
  address: string;
  state: string;
  role: string;
  nodeId: string;
  dockerHost: string;
}

/** A swarm of test hosts, driven as people drive it. */
export class TestCluster {
  nodes: ClusterNode[] = [];

  constructor(readonly folder: string) {}

  /** `skep cluster VERB`, in this cluster's folder. */
  cluster(...args: string[]): Promise<Outcome> {
    return run(SKEP, ['cluster', ...args, '--data-root', this.folder], { timeoutMs: 120_000 });
  }

  async up(count: number): Promise<void> {
    const known = this.nodes.length;
    await must(SKEP, ['cluster', 'up', String(count), '--data-root', this.folder], { timeoutMs: 120_000 });
    await this.list();
    const tar = await demoImageTar();
    await Promise.all(this.nodes.slice(known).map((node) => this.skepOn(node, ['import', tar, DEMO_IMAGE])));
  }

  async list(): Promise<ClusterNode[]> {
    const text = await must(SKEP, ['cluster', 'ls', '--format', 'json', '--data-root', this.folder]);
    this.nodes = JSON.parse(text) as ClusterNode[];
    return this.nodes;
  }

  node(name: string): ClusterNode {
    return this.nodes.find((each) => each.name === name)!;
  }

  /** Where a node's data root and log are. */
  folderOf(name: string): string {
    return join(this.folder, name);
  }

  /** skep on the manager; it must succeed. */
  skep(...args: string[]): Promise<string> {
    return this.skepOn(this.nodes[0]!, args);
  }

  async skepOn({ dockerHost }: ClusterNode, args: readonly string[], options: RunOptions = {}): Promise<string> {
    return (
      await must(SKEP, ['--host', dockerHost, '--ansi', 'never', ...args], { timeoutMs: 120_000, ...options })
    ).trim();
  }

  /** skep on the manager, whatever comes of it. */
  trySkep(args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
    return run(SKEP, ['--host', this.nodes[0]!.dockerHost, '--ansi', 'never', ...args], {
      timeoutMs: 120_000,
      ...options,
    });
  }

  /** The docker CLI on the manager; it must succeed. */
  docker(...args: string[]): Promise<string> {
    return this.dockerOn(this.nodes[0]!, args);
  }

  async dockerOn({ dockerHost }: ClusterNode, args: readonly string[], options: RunOptions = {}): Promise<string> {
    return (await must('docker', args, this.ofDocker(dockerHost, options))).trim();
  }

  /** The docker CLI on the manager, whatever comes of it. */
  tryDocker(args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
    return run('docker', args, this.ofDocker(this.nodes[0]!.dockerHost, options));
  }

  private ofDocker(dockerHost: string, options: RunOptions): RunOptions {
    const env = { DOCKER_HOST: dockerHost, DOCKER_CONFIG: this.folder, ...options.env };
    return { timeoutMs: 120_000, ...options, env };
  }
}

/** A cluster for the tests of a `describe`, taken down after them. */
export function useCluster(count: number): TestCluster {
  const cluster = new TestCluster('');
  beforeAll(async () => {
    Object.assign(cluster, { folder: await mkdtemp(join(tmpdir(), 'skep-e2e-c-')) });
    await cluster.up(count);
  });
  afterAll(async () => {
    await must(SKEP, ['cluster', 'down', '--data-root', cluster.folder], { timeoutMs: 60_000 });
    await rm(cluster.folder, { recursive: true, force: true });
  });
  return cluster;
}
