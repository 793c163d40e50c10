import { mkdirSync } from 'node:fs';
import { connect } from 'node:net';
import { pino } from 'pino';
import { conflict, forbidden, messageOf } from '#lib/common';
import { readMembership, type DaemonConfig, type Membership } from '#lib/contracts';
import { type Address, parseAddress } from '../client/address.js';
import { NodeClient } from '../client/node-client.js';
import type { System } from '../system.js';
import { takeLock } from './lock.js';
import { notifyReady } from './notify.js';
import { nodeProcesses } from './processes.js';
import { Supervisor } from './supervisor.js';
import { refuseUnfinished } from './unfinished-restore.js';

const PING_EVERY_MS = 20;
const PING_TIMEOUT_MS = 1_000;
/** the daemon goes on trying; this is when it says that something is wrong */
const SLOW_START_MS = 15_000;

/** Runs a node until it is told to end. Containers keep running. */
export async function runDaemon(config: DaemonConfig, system: System): Promise<void> {
  const born = performance.now();
  if (process.geteuid?.() !== 0) {
    throw forbidden('the daemon makes network namespaces and links: run it as root (sudo skep daemon)');
  }
  const logger = pino({ name: 'skep-daemon', level: config.logLevel }, pino.destination({ fd: 2, sync: true }));

  // Of a shell that starts it by hand it may be any, and what the daemon starts has it from here.
  process.umask(0o022);
  // Passable for all: the socket is for its group, and containers with users of their own reach their files by path.
  for (const path of [config.dataRoot, config.execRoot]) mkdirSync(path, { recursive: true, mode: 0o711 });
  const locks = [await takeLock(config.dataRoot, 'data root')];
  if (config.execRoot !== config.dataRoot) locks.push(await takeLock(config.execRoot, 'exec root'));

  refuseUnfinished(config.dataRoot);
  await nobodyListens(config.hosts);

  const processes = () => nodeProcesses(config, system.env, managedBy(readMembership(config.dataRoot)));
  const supervisor: Supervisor = new Supervisor(processes(), {
    logFd: 2,
    heldFds: locks.map(({ fd }) => fd),
    log: (level, message) => logger[level](message),
    changed: () => supervisor.follow(processes),
  });
  const ended = new AbortController();
  const asked = untilAsked(system).finally(() => ended.abort());
  supervisor.start();
  const slow = setTimeout(() => logger.warn('the agent does not answer yet; its log says why'), SLOW_START_MS);
  void allAnswer(config.hosts, ended.signal).then((answered) => {
    clearTimeout(slow);
    if (!answered) return;
    system.stdout.write(
      `skep daemon ready on ${config.hosts.join(', ')} (${Math.round(performance.now() - born)} ms)\n`,
    );
    notifyReady(system.env).catch((error: unknown) => logger.warn(`systemd was not told: ${messageOf(error)}`));
  });

  const signal = await asked;
  clearTimeout(slow);
  logger.info(`${signal}: stopping; containers keep running`);
  await supervisor.stop();
  for (const lock of locks) lock.release();
}

/** The id of the cluster that such a node manages. One that older versions made may not say it. */
function managedBy(membership: Membership | undefined): string | undefined {
  return membership?.role === 'manager' ? (membership.founding?.clusterId ?? '') : undefined;
}

function untilAsked(system: System): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) system.signals.on(signal, () => resolve(signal));
  });
}

/** With the locks held, none of our processes does: whoever does is another's, and would be taken for ours. */
export async function nobodyListens(hosts: readonly string[]): Promise<void> {
  for (const host of hosts) {
    const address = parseAddress(host, 'hosts');
    if ('socketPath' in address && (await listens({ path: address.socketPath }))) {
      throw conflict(
        `hosts: ${host}: in use by another process (ss -lxp shows which one it is): stop it, or name another path in "hosts"`,
      );
    }
  }
}

/** Resolves with true once every host answers, with false when `signal` says that nobody waits any more. */
async function allAnswer(hosts: readonly string[], signal: AbortSignal): Promise<boolean> {
  for (const host of hosts) {
    const address = parseAddress(host, 'hosts');
    while (!(await isThere(address))) {
      if (signal.aborted) return false;
      await new Promise((resolve) => setTimeout(resolve, PING_EVERY_MS));
    }
  }
  return !signal.aborted;
}

/** A question costs more than a connection, and while the agent starts there is nobody to ask. */
async function isThere(address: Address): Promise<boolean> {
  if (!('socketPath' in address)) return listens(address);
  return (await listens({ path: address.socketPath })) && answers(address);
}

async function answers(address: Address): Promise<boolean> {
  try {
    await new NodeClient(address).ping(AbortSignal.timeout(PING_TIMEOUT_MS));
    return true;
  } catch {
    return false; // not up yet, or being restarted: the supervisor logs that
  }
}

/** On TCP it answers whoever has a client's certificate, and the daemon has none. */
function listens(address: { host: string; port: number } | { path: string }): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ ...address, timeout: PING_TIMEOUT_MS });
    const done = (connected: boolean) => {
      socket.destroy();
      resolve(connected);
    };
    socket
      .once('connect', () => done(true))
      .once('error', () => done(false))
      .once('timeout', () => done(false));
  });
}
