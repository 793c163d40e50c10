import { isAbsolute, join, resolve } from 'node:path';
import { dictAt, dictsIn, isDict, type Dict, type Value } from './values.js';

/** How relative paths of one file become absolute. */
export interface PathContext {
  /** absolute */
  directory: string;
  /** for `~` */
  home?: string | undefined;
  /** variables have not been replaced: a path that begins with one stays */
  asWritten?: boolean;
}

const REMOTE = /^(?:[a-z][a-z0-9+.-]*:\/\/|git@|github\.com\/|docker-image:|service:|target:|oci-layout:)/i;

/** A path of a Compose file as an absolute path. URLs and Windows paths stay. */
export function absolutePath(path: string, context: PathContext): string {
  if (/^[a-zA-Z]:[\\/]|^\\\\/.test(path)) return path;
  if (context.asWritten && path.startsWith('$')) return path;
  if ((path === '~' || path.startsWith('~/')) && context.home) return join(context.home, path.slice(1));
  return isAbsolute(path) ? resolve(path) : resolve(context.directory, path);
}

/** Makes every path of a canonical model absolute, in place. */
export function resolvePaths(model: Dict, context: PathContext): void {
  for (const [, service] of dictsIn(model, 'services')) resolveService(service, context);
  for (const [, volume] of dictsIn(model, 'volumes')) resolveVolume(volume, context);
  for (const section of ['secrets', 'configs']) {
    for (const [, file] of dictsIn(model, section)) resolveField(file, 'file', context);
  }
}

/**
 * Makes the paths of seccomp profiles absolute, in place. As in Docker Compose they are relative to the project's directory,
 * whichever file names them.
 */
export function resolveProfiles(model: Dict, context: PathContext): void {
  for (const [, service] of dictsIn(model, 'services')) {
    const options = service.security_opt;
    if (!Array.isArray(options)) continue;
    options.forEach((option, index) => {
      const profile = seccompProfile(option);
      if (profile) options[index] = `${profile.key}${absolutePath(profile.path, context)}`;
    });
  }
}

/** `seccomp=PATH` of `security_opt`, its two parts; undefined: it is something else, or the profile itself. */
export function seccompProfile(option: Value): { key: string; path: string } | undefined {
  const [, key, path] = (typeof option === 'string' && /^(seccomp[=:])(.+)$/s.exec(option)) || [];
  if (key === undefined || path === undefined || path === 'unconfined' || path === 'builtin') return undefined;
  return path.trimStart().startsWith('{') ? undefined : { key, path };
}

export function resolveService(service: Dict, context: PathContext): void {
  const build = dictAt(service, 'build');
  if (build) {
    if (build.context === undefined) build.context = '.';
    resolveField(build, 'context', context);
    const contexts = dictAt(build, 'additional_contexts') ?? {};
    for (const name of Object.keys(contexts)) resolveField(contexts, name, context);
  }
  for (const entry of listAt(service, 'env_file')) resolveField(entry, 'path', context);
  const labelFiles = service.label_file;
  if (Array.isArray(labelFiles)) {
    labelFiles.forEach((file, index) => {
      if (typeof file === 'string') labelFiles[index] = absolutePath(file, context);
    });
  }
  for (const mount of listAt(service, 'volumes')) if (mount.type === 'bind') resolveField(mount, 'source', context);
  const develop = dictAt(service, 'develop');
  if (develop) for (const watch of listAt(develop, 'watch')) resolveField(watch, 'path', context);
  const credentials = dictAt(service, 'credential_spec');
  if (credentials) resolveField(credentials, 'file', context);
  const extended = dictAt(service, 'extends');
  if (extended) resolveField(extended, 'file', context);
}

/** A named volume of the local driver may be a directory that is bound; then its device is a path. */
function resolveVolume(volume: Dict, context: PathContext): void {
  const options = dictAt(volume, 'driver_opts');
  const local = volume.driver === undefined || volume.driver === 'local';
  if (
    options &&
    local &&
    String(options.o ?? '')
      .split(',')
      .includes('bind')
  )
    resolveField(options, 'device', context);
}

function resolveField(holder: Dict, key: string, context: PathContext): void {
  const value = holder[key];
  if (typeof value === 'string' && value !== '' && !REMOTE.test(value)) holder[key] = absolutePath(value, context);
}

const listAt = (holder: Dict, key: string): Dict[] => {
  const list: Value | undefined = holder[key];
  return Array.isArray(list) ? list.filter(isDict) : [];
};
