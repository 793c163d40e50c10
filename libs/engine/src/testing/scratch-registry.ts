import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { waitFor } from '#lib/common';

const COMMAND = 'docker-registry';

/** A network namespace, and what a program in it gets over HTTP. */
interface Machine {
  path: string;
  get(url: string): Promise<string | undefined>;
}

/** Whom a registry with `users` knows, and nobody else. */
export const REGISTRY_USER = { username: 'keeper', password: 'kept-by-nobody' };
/** bcrypt of that password, with the least cost. */
const HTPASSWD = `${REGISTRY_USER.username}:$2b$04$bku.3.elkJ7gYIapbQeGq.8JLMgn5Fj.hhUl104xSae2TwvbiK9xK\n`;

interface Options {
  /** it asks for the user's name and password */
  users?: boolean;
  /** `address:port` of the machine, for others to reach it */
  address?: string;
}

/** Debian's docker-registry, on a free port of 127.0.0.1 if nothing else is said, plain HTTP, in a temporary directory; maybe on another machine. */
export class ScratchRegistry {
  private readonly root = mkdtempSync('/tmp/skreg-');
  private process?: ChildProcess;
  private failure?: Error;

  private constructor(
    readonly address: string,
    private readonly machine: Machine | undefined,
    private readonly options: Options,
  ) {}

  static async start(machine?: Machine, options: Options = {}): Promise<ScratchRegistry> {
    const address = options.address ?? `127.0.0.1:${await freePort()}`;
    const registry = new ScratchRegistry(address, machine, options);
    await registry.run();
    return registry;
  }

  private async run(): Promise<void> {
    const config = join(this.root, 'config.yml');
    const settings = {
      version: 0.1,
      storage: { filesystem: { rootdirectory: join(this.root, 'data') } },
      http: { addr: this.address },
      ...(this.options.users && { auth: { htpasswd: { realm: 'test', path: join(this.root, 'htpasswd') } } }),
    };
    writeFileSync(join(this.root, 'htpasswd'), HTPASSWD);
    // JSON is YAML.
    writeFileSync(config, JSON.stringify(settings));
    const { machine } = this;
    const [command = '', ...args] = [
      ...(machine ? ['nsenter', `--net=${machine.path}`] : []),
      COMMAND,
      'serve',
      config,
    ];
    this.process = spawn(command, args, { stdio: 'ignore' });
    this.process.once('error', (error) => (this.failure = error));
    // Answered without a user, other than /v2/.
    const url = `http://${this.address}/`;
    const answers = () => {
      if (this.failure) throw this.failure;
      if (machine) return machine.get(url).then((body) => body !== undefined);
      return fetch(url).then(
        (answer) => answer.ok,
        () => false,
      );
    };
    await waitFor(answers, { ms: 10_000, what: 'docker-registry' });
  }

  async stop(): Promise<void> {
    if (this.process?.exitCode === null && this.process.kill('SIGKILL')) await once(this.process, 'exit');
    rmSync(this.root, { recursive: true, force: true });
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
