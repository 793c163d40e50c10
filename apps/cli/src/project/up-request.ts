import { invalid } from '#lib/common';
import type { LoadedProject, Project } from '#lib/compose';
import type { RegistryAuth, UpRequest } from '#lib/contracts';

/** Options of `skep up` as commander gives them. */
export interface UpOptions {
  detach?: boolean;
  scale?: Record<string, number>;
  dryRun?: boolean;
  wait?: boolean;
  waitTimeout?: number;
  /** commander: false when --no-deps was given */
  deps: boolean;
  forceRecreate?: boolean;
  /** commander: false when --no-recreate was given */
  recreate: boolean;
  renewAnonVolumes?: boolean;
  removeOrphans?: boolean;
  timeout?: number;
}

/** `web=3` */
export function parseScale(text: string, all: Record<string, number> = {}): Record<string, number> {
  const match = /^([^=]+)=(\d+)$/.exec(text);
  if (!match?.[1]) throw invalid(`--scale ${text}: write SERVICE=NUMBER, for example web=3`);
  return { ...all, [match[1]]: Number(match[2]) };
}

/** Seconds as a whole number. */
export function parseSeconds(text: string): number {
  if (!/^\d+$/.test(text)) throw invalid(`${text}: must be a whole number of seconds`);
  return Number(text);
}

/** @throws `invalid` for options that exclude each other */
export function upRequest(
  options: UpOptions,
  loaded: LoadedProject,
  { services, registryAuth }: { services: readonly string[]; registryAuth: Record<string, RegistryAuth> },
): UpRequest {
  if (options.forceRecreate && !options.recreate) {
    throw invalid('--force-recreate and --no-recreate contradict each other; keep one of the two');
  }
  if (options.waitTimeout !== undefined && !options.wait) throw invalid('--wait-timeout needs --wait');
  return {
    model: loaded.project,
    disabledServices: loaded.disabledServices,
    workingDir: loaded.projectDirectory,
    configFiles: loaded.files,
    services: [...services],
    noDeps: !options.deps,
    scale: options.scale ?? {},
    environment: secretValues(loaded.project, loaded.environment),
    registryAuth,
    dryRun: options.dryRun ?? false,
    wait: options.wait ?? false,
    ...(options.waitTimeout !== undefined && { waitTimeoutMs: options.waitTimeout * 1000 }),
    forceRecreate: options.forceRecreate ?? false,
    noRecreate: !options.recreate,
    renewAnonVolumes: options.renewAnonVolumes ?? false,
    removeOrphans: options.removeOrphans ?? false,
    ...(options.timeout !== undefined && { timeoutSeconds: options.timeout }),
  };
}

/** Only what secrets and configs name leaves the caller's environment. */
function secretValues({ secrets, configs }: Project, environment: Record<string, string>): Record<string, string> {
  const names = [...Object.values(secrets), ...Object.values(configs)].flatMap((each) => each.environment ?? []);
  return Object.fromEntries(
    names.flatMap((name) => (environment[name] === undefined ? [] : [[name, environment[name]]])),
  );
}
