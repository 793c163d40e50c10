import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { ScratchDockerd } from '../../libs/engine/src/testing/scratch-dockerd.js';
import { DEMO_IMAGE, demoImageTar } from '../../test/e2e/harness/image.js';
import type { Namespace } from '../../test/e2e/harness/namespaces.js';
import { must } from '../../test/e2e/harness/process.js';

/** The peer: Docker Engine on a machine of its own (a namespace), with data, exec root and socket of its own. */
export class DockerEngine {
  private constructor(
    private readonly dockerd: ScratchDockerd,
    /** holds its data, exec root and socket */
    readonly folder: string,
    readonly machine: Namespace,
  ) {}

  /** Started, with the demo image. @param parent where its folder is made */
  static async create(machine: Namespace, parent: string): Promise<DockerEngine> {
    const folder = await mkdtemp(join(parent, 'docker-'));
    const dockerd = new ScratchDockerd(folder, { machine: ['nsenter', `--net=${machine.path}`] });
    const engine = new DockerEngine(dockerd, folder, machine);
    try {
      await dockerd.start();
      await engine.docker('import', await demoImageTar(), DEMO_IMAGE);
      return engine;
    } catch (error) {
      await engine.remove();
      throw error;
    }
  }

  get socket(): string {
    return this.dockerd.socketPath;
  }

  docker(...args: string[]): Promise<string> {
    return must('docker', args, { env: this.env });
  }

  compose(...args: string[]): Promise<string> {
    return must('docker-compose', args, { env: this.env, timeoutMs: 180_000 });
  }

  /** Runs a program of this machine inside a container's network namespace. */
  async inSandbox(container: string, command: string, args: readonly string[]): Promise<string> {
    return must('nsenter', [`--net=${await this.sandboxPath(container)}`, command, ...args]);
  }

  /** A container's network namespace. */
  async sandboxPath(container: string): Promise<string> {
    const pid = (await this.docker('inspect', '--format', '{{.State.Pid}}', container)).trim();
    return `/proc/${pid}/ns/net`;
  }

  version(): Promise<string> {
    return this.docker('version', '--format', '{{.Server.Version}}').then((text) => text.trim());
  }

  remove(): Promise<void> {
    return this.dockerd.remove();
  }

  private get env(): NodeJS.ProcessEnv {
    return { DOCKER_HOST: `unix://${this.socket}` };
  }
}
