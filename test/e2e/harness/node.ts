import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ScratchDockerd } from '../../../libs/engine/src/testing/scratch-dockerd.js';
import { mountRun } from '../../../libs/engine/src/testing/scratch-folder.js';
import { messageOf, SkepError, shortId, waitFor } from '#lib/common';
import type { NodeInfo } from '#lib/contracts';
import { NodeNames } from '#lib/domain';
import { must, type Namespace, type Outcome, removeTraces, run, type RunOptions, spawnDaemon } from '#lib/lab';
import { DEMO_IMAGE, demoImageTar, ROOT } from './image.js';
import { type Snapshot, snapshot } from './snapshot.js';

const SKEP = join(ROOT, 'bin/skep');

/** What the daemons of tests are to use where a test does not say. */
export const ENGINE = process.env['SKEP_TEST_ENGINE'] === 'docker' ? 'docker' : 'podman';

export interface NodeOptions {
  engine?: 'podman' | 'docker';
  /** where its folder is made; left out: the machine's for temporary files */
  parent?: string;
  /** daemon.json, beside what the flags set: roots, socket and engine */
  config?: Record<string, unknown>;
}

/** A skep daemon on a machine of its own (a namespace), with data and exec roots of its own. */
export class TestNode {
  private daemon: ChildProcess | undefined;
  private names: NodeNames | undefined;

  private constructor(
    readonly machine: Namespace,
    /** holds data root, exec root, socket and log */
    readonly folder: string,
    /** where skep uses that */
    readonly dockerd?: ScratchDockerd,
  ) {}

  /** Started, with the demo image. */
  static async create(machine: Namespace, options: NodeOptions = {}): Promise<TestNode> {
    const { engine = ENGINE, config = {}, parent = tmpdir() } = options;
    const folder = await mkdtemp(join(parent, 'skep-e2e-'));
    const flags = ['--add-runtime', `skep=${join(ROOT, 'bin/skep-runtime')}`];
    const dockerd = engine === 'docker' ? new ScratchDockerd(join(folder, 'docker'), { flags }) : undefined;
    const node = new TestNode(machine, folder, dockerd);
    await writeFile(node.configFile, JSON.stringify(config));
    try {
      await node.start();
      await node.must(['import', await demoImageTar(), DEMO_IMAGE]);
      return node;
    } catch (error) {
      await node.remove();
      throw error;
    }
  }

  get socket(): string {
    return join(this.folder, 'skep.sock');
  }

  /** With its Docker Engine, where that has ended. @param flags of the daemon, beside those for its roots and its socket */
  async start(flags: readonly string[] = []): Promise<void> {
    await this.dockerd?.start();
    const { folder, socket, machine, logFile } = this;
    mountRun(join(folder, 'exec'));
    const roots = ['--data-root', `${folder}/data`, '--exec-root', `${folder}/exec`, '--host', `unix://${socket}`];
    const engine = this.dockerd ? ['--engine', 'docker', '--engine-socket', `unix://${this.dockerd.socketPath}`] : [];
    const all = ['--config', this.configFile, ...roots, ...engine, ...flags];
    const said = (await this.written()).length;
    const daemon = await spawnDaemon(machine, { program: SKEP, flags: all, logFile });
    this.daemon = daemon;
    const ready = async () => {
      if (daemon.exitCode !== null || daemon.signalCode !== null) {
        throw new SkepError('internal', 'the daemon ended at its start');
      }
      // By its own word: the agent of a daemon that was killed may still answer.
      if (!(await this.written()).slice(said).includes('skep daemon ready on ')) return false;
      return (await this.info()).resolver === 'up';
    };
    await waitFor(ready, { ms: 30_000, every: 50, what: 'daemon and resolver are up' }).catch(async (error) => {
      throw new SkepError('internal', `${messageOf(error)}\n${await this.log()}`);
    });
    this.names = new NodeNames((await this.info()).nodeId);
  }

  /** Ends the daemon; containers stay. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const { daemon } = this;
    if (!daemon || daemon.exitCode !== null || daemon.signalCode !== null) return;
    const ended = once(daemon, 'exit');
    daemon.kill(signal);
    const late = setTimeout(() => daemon.kill('SIGKILL'), 15_000);
    await ended;
    clearTimeout(late);
  }

  /** The CLI with this node as its host. */
  skep(args: readonly string[], timeoutMs = 120_000, env?: NodeJS.ProcessEnv): Promise<Outcome> {
    return run(SKEP, ['--host', `unix://${this.socket}`, '--ansi', 'never', ...args], {
      timeoutMs,
      ...(env && { env }),
    });
  }

  /** As `skep`, and it must succeed; gives its standard output. */
  async must(args: readonly string[], timeoutMs?: number): Promise<string> {
    const { code, stdout, stderr } = await this.skep(args, timeoutMs);
    if (code === 0) return stdout;
    throw new SkepError(
      'internal',
      `skep ${args.join(' ')}: exit code ${code}\n${stdout}${stderr}\nlog:\n${await this.log()}`,
    );
  }

  /** The real docker CLI with this node as its host. */
  docker(args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
    const env = { DOCKER_HOST: `unix://${this.socket}`, DOCKER_CONFIG: this.folder, ...options.env };
    return run('docker', args, { timeoutMs: 120_000, ...options, env });
  }

  /** As `docker`, and it must succeed; gives its standard output. */
  async mustDocker(args: readonly string[], options?: RunOptions): Promise<string> {
    const { code, stdout, stderr } = await this.docker(args, options);
    if (code === 0) return stdout;
    throw new SkepError(
      'internal',
      `docker ${args.join(' ')}: exit code ${code}\n${stdout}${stderr}\nlog:\n${await this.log()}`,
    );
  }

  info(): Promise<NodeInfo> {
    return this.json<NodeInfo>('/skep/v1/info');
  }

  async json<T>(path: string): Promise<T> {
    return JSON.parse(await this.api('GET', path)) as T;
  }

  api(method: string, path: string, json?: object): Promise<string> {
    const headers = json && { 'content-type': 'application/json' };
    return new Promise((resolve, reject) => {
      const call = request({ socketPath: this.socket, method, path, headers, timeout: 10_000 }, (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (text: string) => (body += text));
        response.on('end', () => {
          if ((response.statusCode ?? 500) < 400) resolve(body);
          else reject(new SkepError('internal', `${method} ${path}: ${response.statusCode} ${body}`));
        });
      });
      call.on('timeout', () => call.destroy(new Error('no answer in 10 s')));
      call.on('error', reject).end(json && JSON.stringify(json));
    });
  }

  /** Runs a program of this machine inside a container's network namespace. */
  inSandbox(containerId: string, command: string, args: readonly string[], input = ''): Promise<string> {
    return must('nsenter', [`--net=${this.sandboxPath(containerId)}`, command, ...args], { input });
  }

  /** A container's network namespace. */
  sandboxPath(containerId: string): string {
    return `/run/netns/${this.netnsPrefix}${shortId(containerId)}`;
  }

  /** Taken twice and equal: nothing is on its way any more. */
  async settled(): Promise<Snapshot> {
    let last = '';
    return waitFor(
      async () => {
        const now = await snapshot(this.machine, this.folder, this.netnsPrefix);
        const text = JSON.stringify(now);
        const same = text === last;
        last = text;
        return same && now;
      },
      { ms: 15_000, every: 300, what: 'the machine comes to rest' },
    );
  }

  /** As `settled`, after what is still ending has ended (Podman keeps watch over an exec for 5 s): as before, if it can. */
  async returnsTo(before: Snapshot): Promise<Snapshot> {
    const deadline = Date.now() + 30_000;
    for (;;) {
      const now = await this.settled();
      if (JSON.stringify(now) === JSON.stringify(before) || Date.now() > deadline) return now;
    }
  }

  async log(): Promise<string> {
    return (await this.written()).split('\n').slice(-60).join('\n');
  }

  /** All that its daemons have said. */
  private written(): Promise<string> {
    return readFile(this.logFile, 'utf8').catch(() => '');
  }

  /** Ends everything of this node and removes what it left on the machine, its folder included. */
  async remove(): Promise<void> {
    await this.stop();
    await this.dockerd?.remove();
    await removeTraces([this.folder], this.names?.netnsPrefix);
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Of the engine underneath. */
  get engineSocket(): string {
    return this.dockerd?.socketPath ?? join(this.folder, 'exec/engine/podman.sock');
  }

  /** What the node calls its things in the kernel. */
  get kernelNames(): NodeNames {
    if (!this.names) throw new SkepError('internal', 'the node has not been started yet');
    return this.names;
  }

  private get netnsPrefix(): string {
    return this.kernelNames.netnsPrefix;
  }

  private get configFile(): string {
    return join(this.folder, 'daemon.json');
  }

  private get logFile(): string {
    return join(this.folder, 'daemon.log');
  }
}
