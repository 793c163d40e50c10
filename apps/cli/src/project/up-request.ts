import { closest, invalid } from '#lib/common';
import type { UpRequest } from '#lib/contracts';

/** Options of `skep up` as commander gives them. */
export interface UpOptions {
  detach?: boolean;
  scale: Record<string, number>;
  dryRun?: boolean;
  wait?: boolean;
  waitTimeout?: number;
  forceRecreate?: boolean;
  /** commander: false when --no-recreate was given */
  recreate: boolean;
  removeOrphans?: boolean;
  timeout?: number;
}

/** `web=3` */
export function parseScale(text: string, all: Record<string, number>): Record<string, number> {
  const match = /^([^=]+)=(\d+)$/.exec(text);
  if (!match?.[1]) throw invalid(`--scale ${text}: write SERVICE=NUMBER, for example web=3`);
  return { ...all, [match[1]]: Number(match[2]) };
}

/** Seconds as a whole number. */
export function parseSeconds(text: string): number {
  if (!/^\d+$/.test(text)) throw invalid(`${text}: must be a whole number of seconds`);
  return Number(text);
}

/** @throws `invalid` for a service that the files do not have, and for options that exclude each other */
export function upRequest(
  options: UpOptions,
  project: { model: unknown; services: readonly string[]; workingDir: string; configFiles: readonly string[] },
  services: readonly string[],
): UpRequest {
  if (options.forceRecreate && !options.recreate) {
    throw invalid('--force-recreate and --no-recreate contradict each other; keep one of the two');
  }
  if (options.waitTimeout !== undefined && !options.wait) throw invalid('--wait-timeout needs --wait');
  for (const name of [...services, ...Object.keys(options.scale)]) requireService(name, project.services);
  return {
    model: project.model,
    workingDir: project.workingDir,
    configFiles: [...project.configFiles],
    services: [...services],
    scale: options.scale,
    dryRun: options.dryRun ?? false,
    wait: options.wait ?? false,
    ...(options.waitTimeout !== undefined && { waitTimeoutMs: options.waitTimeout * 1000 }),
    forceRecreate: options.forceRecreate ?? false,
    noRecreate: !options.recreate,
    removeOrphans: options.removeOrphans ?? false,
    ...(options.timeout !== undefined && { timeoutSeconds: options.timeout }),
  };
}

export function requireService(name: string, known: readonly string[]): void {
  if (known.includes(name)) return;
  const near = closest(name, known);
  const accepted = near ? `did you mean ${near}?` : `the files have ${known.toSorted().join(', ') || 'none'}`;
  throw invalid(`no such service: ${name}; ${accepted}`);
}
