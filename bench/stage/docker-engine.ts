import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unavailable, waitFor } from '#lib/common';
import { DEMO_IMAGE, demoImageTar } from '../../test/e2e/harness/image.js';
import type { Namespace } from '../../test/e2e/harness/namespaces.js';
import { must, run } from '../../test/e2e/harness/process.js';
import { killProcessesOf } from '../../test/e2e/harness/processes.js';

/** The peer: Docker Engine on a machine of its own (a namespace), with data, exec root and socket of its own. */
export class DockerEngine {
  private constructor(
    private readonly machine: Namespace,
    private readonly folder: string,
    private daemon?: ChildProcess,
  ) {}

  /** Started, with the demo image. */
  static async create(machine: Namespace): Promise<DockerEngine> {
    const engine = new DockerEngine(machine, await mkdtemp(join(tmpdir(), 'skep-bench-docker-')));
    try {
      await engine.start();
      await engine.docker('import', await demoImageTar(), DEMO_IMAGE);
      return engine;
    } catch (error) {
      await engine.remove();
      throw error;
    }
  }

  get socket(): string {
    return join(this.folder, 'docker.sock');
  }

  docker(...args: string[]): Promise<string> {
    return must('docker', args, { env: this.env });
  }

  compose(...args: string[]): Promise<string> {
    return must('docker-compose', args, { env: this.env, timeoutMs: 180_000 });
  }

  /** Runs a program of this machine inside a container's network namespace. */
  async inSandbox(container: string, command: string, args: readonly string[]): Promise<string> {
    const pid = (await this.docker('inspect', '--format', '{{.State.Pid}}', container)).trim();
    return must('nsenter', [`--net=/proc/${pid}/ns/net`, command, ...args]);
  }

  version(): Promise<string> {
    return this.docker('version', '--format', '{{.Server.Version}}').then((text) => text.trim());
  }

  /** Ends the daemon, its containers and containerd, and removes what they left on the machine. */
  async remove(): Promise<void> {
    const containers = (await run('docker', ['ps', '-aq'], { env: this.env })).stdout.split('\n').filter(Boolean);
    if (containers.length > 0) await run('docker', ['rm', '--force', ...containers], { env: this.env });
    await this.stop();
    await killProcessesOf(this.folder);
    const mounts = (await readFile('/proc/self/mountinfo', 'utf8')).split('\n').map((line) => line.split(' ')[4] ?? '');
    for (const target of mounts.filter((path) => path.startsWith(`${this.folder}/`)).reverse()) {
      await run('umount', ['--lazy', target]);
    }
    await rm(this.folder, { recursive: true, force: true });
  }

  private get env(): NodeJS.ProcessEnv {
    return { DOCKER_HOST: `unix://${this.socket}` };
  }

  private async start(): Promise<void> {
    const { folder, machine } = this;
    const logFile = join(folder, 'dockerd.log');
    const log = await open(logFile, 'a');
    const roots = ['--data-root', `${folder}/data`, '--exec-root', `${folder}/exec`, '--pidfile', `${folder}/pid`];
    const argv = [`--net=${machine.path}`, 'dockerd', ...roots, '--host', `unix://${this.socket}`];
    // A process group of its own: a Ctrl-C ends the benchmark, which then removes the containers through the daemon.
    const daemon = spawn('nsenter', argv, { stdio: ['ignore', log.fd, log.fd], detached: true });
    await log.close();
    this.daemon = daemon;
    const answers = async () => {
      if (daemon.exitCode !== null) throw unavailable(`dockerd ended:\n${await readFile(logFile, 'utf8')}`);
      return (await run('docker', ['version'], { env: this.env })).code === 0;
    };
    await waitFor(answers, { ms: 60_000, every: 100, what: `dockerd answers on ${this.socket}` });
  }

  private async stop(): Promise<void> {
    const { daemon } = this;
    if (!daemon || daemon.exitCode !== null || daemon.signalCode !== null) return;
    const ended = once(daemon, 'exit');
    daemon.kill('SIGTERM');
    const late = setTimeout(() => daemon.kill('SIGKILL'), 20_000);
    await ended;
    clearTimeout(late);
  }
}
