import { join } from 'node:path';
import { DEMO_IMAGE } from '../../test/e2e/harness/image.js';
import { TestProject } from '../../test/e2e/harness/project.js';
import type { Stage } from './stage.js';

/** Services of sleepers.yaml. */
export const SERVICES = Array.from({ length: 10 }, (_, index) => `sleeper-${index}`);
export const IMAGE = DEMO_IMAGE;
export const COMMAND = ['sleep', '2147483647'];

const NAME = 'bench-sleepers';
const FILE = join(import.meta.dirname, 'sleepers.yaml');

/** The Compose project that both orchestrators start: 10 services that sleep, on one network. */
export class Sleepers {
  readonly onSkep: TestProject;

  constructor(private readonly stage: Stage) {
    this.onSkep = new TestProject(stage.node, NAME, [FILE]);
  }

  /** Everywhere, so many containers of each service. */
  async scale(containers: number): Promise<void> {
    const flags = SERVICES.flatMap((name) => ['--scale', `${name}=${containers}`]);
    await this.onSkep.must('up', '-d', ...flags);
    await this.stage.docker.compose('-p', NAME, '-f', FILE, 'up', '-d', ...flags);
  }

  upOnSkep = () => this.onSkep.must('up', '-d');
  downOnSkep = () => this.onSkep.must('down', '-t', '0');
  upOnDocker = () => this.stage.docker.compose('-p', NAME, '-f', FILE, 'up', '-d');
  downOnDocker = () => this.stage.docker.compose('-p', NAME, '-f', FILE, 'down', '-t', '0');

  /** Id of a service's container on Docker Engine. */
  async dockerId(service: string): Promise<string> {
    return (await this.stage.docker.compose('-p', NAME, '-f', FILE, 'ps', '-q', service)).trim();
  }
}
