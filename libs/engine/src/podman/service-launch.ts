import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs';
import Docker from 'dockerode';
import { messageOf, SkepError, unavailable, waitFor } from '#lib/common';
import { prepareService, type ServicePlan } from './service-files.js';
import { describe, endProcess, isRunning, SETTINGS_VARIABLE, type ServiceProcess } from './service-process.js';

const READY_MS = 20_000;

/**
 * Starts a service that outlives this process, and comes back when it answers. What fails leaves no process behind.
 * @param settings digest of the plan, which the process carries
 */
export async function launchService(plan: ServicePlan, settings: string): Promise<ServiceProcess> {
  prepareService(plan);
  rmSync(plan.socketPath, { force: true });
  const service = await spawnService(plan, settings);
  try {
    await waitFor(
      () => {
        if (!isRunning(service)) throw endedEarly(plan);
        return answers(plan.socketPath);
      },
      { ms: READY_MS, every: 5, what: `podman on ${plan.socketPath}` },
    );
    return service;
  } catch (error) {
    await endProcess(service);
    throw error;
  }
}

/** Does an engine answer on this socket? */
export function answers(socketPath: string): Promise<boolean> {
  return new Docker({ socketPath, timeout: 2_000 }).ping().then(
    () => true,
    () => false,
  );
}

/** The end of what the service wrote, for people. */
export function lastWords(plan: ServicePlan): string {
  try {
    return readFileSync(plan.logPath, 'utf8').trim().split('\n').slice(-3).join('; ') || 'it said nothing';
  } catch {
    return 'it said nothing';
  }
}

async function spawnService(plan: ServicePlan, settings: string): Promise<ServiceProcess> {
  const [command, ...args] = plan.argv;
  // A file, since a pipe would break when this process ends.
  const output = openSync(plan.logPath, 'w', 0o600);
  try {
    const child = spawn(command!, args, {
      cwd: '/',
      detached: true,
      env: { ...plan.env, [SETTINGS_VARIABLE]: settings },
      stdio: ['ignore', output, output],
    });
    await new Promise<void>((resolve, reject) => child.once('spawn', resolve).once('error', reject));
    child.unref();
    const [service] = describe(child.pid!);
    if (!service) throw endedEarly(plan);
    return service;
  } catch (error) {
    if (SkepError.is(error)) throw error;
    throw unavailable(`podman cannot be started (${messageOf(error)}): is the package podman installed?`, error);
  } finally {
    closeSync(output);
  }
}

function endedEarly(plan: ServicePlan): SkepError {
  return unavailable(`podman ended while it started: ${lastWords(plan)}`);
}
