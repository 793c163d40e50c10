import { existsSync, readFileSync } from 'node:fs';

/** Where containers-common keeps the profile of containers that ask for none, the administrator's first. */
const PLACES = ['/etc/containers/seccomp.json', '/usr/share/containers/seccomp.json'];

/** The machine's seccomp profile; undefined: it has none, and Podman's built-in one counts. */
export function machineProfile(places: readonly string[] = PLACES): string | undefined {
  const path = places.find(existsSync);
  return path && readFileSync(path, 'utf8');
}

interface Profile {
  archMap?: { architecture: string; subArchitectures?: string[] | null }[] | null;
}

/**
 * The profile without the x32 ABI of x86-64, which kernels refuse unless they are booted with `syscall.x32=y`. Every
 * start of a container compiles the profile for each ABI, in time that grows faster than its length: without this one
 * in half (ADR 39). A call to it ends the caller, as with any other ABI that a profile does not name. Pure.
 * @returns text as it is, where that is no such profile: whoever reads it says what is wrong with it
 */
export function withoutX32(profile: string): string {
  const parsed = asProfile(profile);
  if (!Array.isArray(parsed?.archMap)) return profile;
  const archMap = parsed.archMap.map(({ subArchitectures, ...rest }) => ({
    ...rest,
    subArchitectures: (subArchitectures ?? []).filter((name) => name !== 'SCMP_ARCH_X32'),
  }));
  return JSON.stringify({ ...parsed, archMap });
}

function asProfile(text: string): Profile | undefined {
  try {
    return JSON.parse(text) as Profile;
  } catch {
    return undefined;
  }
}
