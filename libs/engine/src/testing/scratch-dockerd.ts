import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import Docker from 'dockerode';
import { unavailable, waitFor } from '#lib/common';
import { endProcessesIn, mountRun, unmountIn } from './scratch-folder.js';

/** Without a network of its own, so that it touches no rule of the machine. */
const APART = ['unshare', '--net'];
const NO_NETWORK = '--bridge=none --iptables=false --ip6tables=false --ip-forward=false --ip-masq=false'.split(' ');

interface Options {
  /** the command that dockerd is started by, when it has a network: its program is appended */
  machine?: string[];
  /** more of dockerd's flags */
  flags?: string[];
}

/** A Docker Engine with data, exec root and socket below one folder of its own. Needs root. */
export class ScratchDockerd {
  readonly socketPath: string;
  readonly docker: Docker;
  private daemon?: ChildProcess;

  /** @param folder absolute and short; it is made, and goes with `remove` */
  constructor(
    private readonly folder: string,
    private readonly options: Options = {},
  ) {
    this.socketPath = join(folder, 'docker.sock');
    this.docker = new Docker({ socketPath: this.socketPath });
  }

  /** Comes back when it answers. One that runs already is left alone. */
  async start(): Promise<void> {
    if (this.daemon && isRunning(this.daemon)) return;
    const { machine, flags = [] } = this.options;
    const at = (name: string) => join(this.folder, name);
    mkdirSync(this.folder, { recursive: true, mode: 0o711 });
    mountRun(at('exec'));
    const log = openSync(at('dockerd.log'), 'a');
    const [command, ...enter] = machine ?? APART;
    const roots = ['--data-root', at('data'), '--exec-root', at('exec'), '--pidfile', at('pid')];
    const argv = [...roots, '--host', `unix://${this.socketPath}`, ...(machine ? [] : NO_NETWORK), ...flags];
    // A process group of its own: it is ended by us alone, also when the tests get a Ctrl-C.
    const daemon = spawn(command!, [...enter, 'dockerd', ...argv], { stdio: ['ignore', log, log], detached: true });
    closeSync(log);
    this.daemon = daemon;
    const answers = () => {
      if (!isRunning(daemon)) throw unavailable(`dockerd ended:\n${readFileSync(at('dockerd.log'), 'utf8')}`);
      return this.docker.ping().then(
        () => true,
        () => false,
      );
    };
    await waitFor(answers, { ms: 60_000, every: 50, what: `dockerd answers on ${this.socketPath}` });
  }

  /** Ends the daemon, and with it the containers. */
  async stop(): Promise<void> {
    const { daemon } = this;
    if (!daemon || !isRunning(daemon)) return;
    const ended = once(daemon, 'exit');
    daemon.kill('SIGTERM');
    const late = setTimeout(() => daemon.kill('SIGKILL'), 20_000);
    await ended;
    clearTimeout(late);
  }

  /** Ends the daemon, its containers and its containerd, and removes what they left on the machine. */
  async remove(): Promise<void> {
    if (this.daemon && isRunning(this.daemon)) {
      const containers = await this.docker.listContainers({ all: true });
      await Promise.all(containers.map(({ Id }) => this.docker.getContainer(Id).remove({ force: true, v: true })));
    }
    await this.stop();
    await endProcessesIn(this.folder);
    unmountIn(this.folder);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

const isRunning = (child: ChildProcess): boolean => child.exitCode === null && child.signalCode === null;
