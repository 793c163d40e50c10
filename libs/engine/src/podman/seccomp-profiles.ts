import { mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { digestOf } from '#lib/common';

/**
 * Docker's clients send the profile itself, and Podman takes the path of one, which it reads when a container is made.
 * `builtin` is Podman's own where nothing is said.
 * @param folder profiles are written here, each once
 */
export function seccompByPath(options: readonly unknown[], folder: string | undefined): unknown[] {
  return options.flatMap((option) => {
    const [, profile] = (typeof option === 'string' && /^seccomp[=:](.*)$/s.exec(option)) || [];
    if (profile === 'builtin') return [];
    if (profile === undefined || !profile.trimStart().startsWith('{')) return [option];
    return [`seccomp=${written(profile, folder ?? join(tmpdir(), 'skep-seccomp'))}`];
  });
}

function written(profile: string, folder: string): string {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, `${digestOf(profile)}.json`);
  writeFileSync(path, profile, { mode: 0o600 });
  return path;
}
