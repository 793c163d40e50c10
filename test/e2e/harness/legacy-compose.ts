import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SkepError } from '#lib/common';
import { ROOT } from './image.js';
import type { TestNode } from './node.js';
import { run, type Outcome } from './process.js';

/** Debian's docker-compose 1.29 with a sample, against a node. It has the project's name in its arguments alone. */
export class LegacyCompose {
  private constructor(
    private readonly node: TestNode,
    readonly project: string,
    private readonly file: string,
  ) {}

  static sample(node: TestNode, sample: string): Promise<LegacyCompose> {
    return LegacyCompose.of(node, sample, join(ROOT, 'docker-compose.samples', sample, 'compose.yaml'));
  }

  /** The file without what docker-compose 1.29 does not know: a project's name in it, and priorities of gateways. */
  static async of(node: TestNode, name: string, path: string): Promise<LegacyCompose> {
    const text = await readFile(path, 'utf8');
    const file = join(node.folder, `${name}.yaml`);
    await writeFile(file, text.replace(/^name: .*\n/m, '').replace(/^ +gw_priority: .*\n/gm, ''));
    return new LegacyCompose(node, `old-${name}`, file);
  }

  /** `--compatibility` has it heed `deploy.replicas`. */
  run(...args: string[]): Promise<Outcome> {
    const env = { DOCKER_HOST: `unix://${this.node.socket}`, DOCKER_CONFIG: this.node.folder };
    const all = ['--compatibility', '--no-ansi', '-p', this.project, '-f', this.file, ...args];
    return run('docker-compose', all, { env, timeoutMs: 120_000 });
  }

  async must(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.run(...args);
    if (code === 0) return stdout;
    throw new SkepError('internal', `docker-compose ${args.join(' ')}: exit code ${code}\n${stdout}${stderr}`);
  }

  /** Names of its running containers, sorted. */
  async running(service?: string): Promise<string[]> {
    const labels = [`com.docker.compose.project=${this.project}`];
    if (service !== undefined) labels.push(`com.docker.compose.service=${service}`);
    const filters = labels.flatMap((label) => ['--filter', `label=${label}`]);
    const names = await this.node.mustDocker(['ps', ...filters, '--format', '{{.Names}}']);
    return names.split('\n').filter(Boolean).sort();
  }
}
