import { join } from 'node:path';
import { DAEMON_CONFIG_ENV, type DaemonConfig } from '#lib/contracts';
import type { ChildSpec } from './child.js';
import { withoutNotify } from './notify.js';

/** Beside the compiled dist/apps/cli/src/daemon lie the bundles of the processes, in dist/node. */
const bundles = join(import.meta.dirname, '../../../../node');
const main = (app: string) => ['--import', join(import.meta.dirname, 'lifeline.js'), join(bundles, `${app}.js`)];

/**
 * The processes of a node, in the order in which they stop.
 * @param managed the id of the swarm whose manager the node is; undefined: of none
 */
export function nodeProcesses(config: DaemonConfig, env: NodeJS.ProcessEnv, managed: string | undefined): ChildSpec[] {
  const own = { ...withoutNotify(env), [DAEMON_CONFIG_ENV]: JSON.stringify(config) };
  const { resolverSocket, resolverState, logLevel } = config;
  return [
    // SQLite, files and name look-ups of the agent share libuv's threads; four are too few for a node.
    { name: 'agent', argv: main('agent'), env: { UV_THREADPOOL_SIZE: '16', ...own } },
    ...(managed === undefined ? [] : [{ name: 'manager', cluster: managed, argv: main('manager'), env: own }]),
    {
      name: 'resolver',
      argv: [...main('resolver'), '--socket', resolverSocket, '--state', resolverState, '--log-level', logLevel],
      env: own,
      // Every container waits for its answers, most of all while it starts again on a busy machine.
      niceness: -10,
    },
  ];
}
