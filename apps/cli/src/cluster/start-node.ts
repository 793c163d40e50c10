import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { internal, messageOf, packageRoot, replaceFile, waitFor } from '#lib/common';
import type { NodeInfo } from '#lib/contracts';
import { spawnDaemon } from '#lib/lab';
import { parseAddress } from '../client/address.js';
import { NodeClient } from '../client/node-client.js';
import type { Place } from './places.js';

/** Milliseconds: the first start makes the engine's storage. */
const START = 60_000;
const LOG_LINES = 20;

export function clientOf(place: Place): NodeClient {
  return new NodeClient(parseAddress(`unix://${place.socket}`, place.name));
}

/** What the daemon of a node says of itself; undefined when none answers. */
export function infoOf(place: Place): Promise<NodeInfo | undefined> {
  return clientOf(place)
    .info()
    .catch(() => undefined);
}

/** Starts the daemon of a node where it does not run. Resolves once it and its resolver are up. */
export async function startNode(place: Place): Promise<NodeInfo> {
  const running = await infoOf(place);
  if (running?.resolver === 'up') return running;
  const daemon = running ? undefined : await launch(place);
  const ready = async () => {
    if (daemon && (daemon.exitCode !== null || daemon.signalCode !== null)) throw internal('its daemon ended');
    const info = await infoOf(place);
    return info?.resolver === 'up' && info;
  };
  try {
    return await waitFor(ready, { ms: START, every: 50, what: 'its daemon is up' });
  } catch (error) {
    const log = await readFile(place.logFile, 'utf8').catch(() => '');
    const last = log.trimEnd().split('\n').slice(-LOG_LINES).join('\n');
    throw internal(`${place.name}: ${messageOf(error)}; the end of ${place.logFile}:\n${last}`, error);
  }
}

async function launch({ machine, folder, execRoot, socket, logFile }: Place): Promise<ChildProcess> {
  // Passable for all, as the daemon itself makes its roots.
  for (const path of [folder, execRoot]) await mkdir(path, { recursive: true, mode: 0o711 });
  // Its own, whatever the file of the machine's daemon says. What somebody has written into it stays.
  const config = join(folder, 'daemon.json');
  if (!existsSync(config)) await replaceFile(config, '{}\n', { mode: 0o600, durable: false });
  const roots = ['--data-root', join(folder, 'data'), '--exec-root', execRoot, '--host', `unix://${socket}`];
  const daemon = await spawnDaemon(machine, {
    program: join(packageRoot() ?? '', 'bin/skep'),
    flags: ['--config', config, ...roots],
    logFile,
  });
  daemon.unref();
  return daemon;
}
