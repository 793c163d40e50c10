import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { waitFor } from '#lib/common';
import { Namespace } from '../../test/e2e/harness/namespaces.js';

/** The peer for owned names: unbound with one thread and the same names as static data, in a namespace of its own. */
export class Unbound {
  private constructor(
    private readonly machine: Namespace,
    private readonly server: ChildProcess,
  ) {}

  /** @param folder for its configuration */
  static async create(folder: string, names: readonly string[]): Promise<Unbound> {
    const file = join(folder, 'unbound.conf');
    await writeFile(file, configuration(folder, names));
    const machine = await Namespace.create(`skep-b${randomBytes(3).toString('hex')}`, '');
    const argv = [`--net=${machine.path}`, 'unbound', '-d', '-c', file];
    const unbound = new Unbound(machine, spawn('nsenter', argv, { stdio: ['ignore', 'ignore', 'inherit'] }));
    const answers = async () => (await machine.run('dig', ['@127.0.0.11', '+short', names[0]!])).stdout.includes('10.');
    try {
      await waitFor(answers, { ms: 10_000, every: 100, what: 'unbound answers' });
    } catch (error) {
      await unbound.remove();
      throw error;
    }
    return unbound;
  }

  inside = (command: string, args: readonly string[]): Promise<string> => this.machine.must(command, args);

  async remove(): Promise<void> {
    if (this.server.exitCode === null) {
      const ended = once(this.server, 'exit');
      this.server.kill('SIGKILL');
      await ended;
    }
    await this.machine.remove();
  }
}

function configuration(folder: string, names: readonly string[]): string {
  const settings = {
    interface: '127.0.0.11',
    directory: `"${folder}"`,
    username: '""',
    chroot: '""',
    pidfile: '""',
    logfile: '""',
    'use-syslog': 'no',
    'num-threads': '1',
    'module-config': '"iterator"',
    'access-control': '127.0.0.0/8 allow',
  };
  return [
    'server:',
    ...Object.entries(settings).map(([key, value]) => `  ${key}: ${value}`),
    ...names.flatMap((name, index) => [
      `  local-zone: "${name}." static`,
      `  local-data: "${name}. 5 IN A 10.0.0.${index + 2}"`,
    ]),
    'remote-control:',
    '  control-enable: no',
    '',
  ].join('\n');
}
