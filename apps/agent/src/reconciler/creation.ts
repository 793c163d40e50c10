import { shortId } from '#lib/common';
import { isNetworkSysctl, type Container, type ObservedContainer } from '#lib/domain';

/** What the engine gets: a host name that is our short id where none was asked for, and no sysctls that are ours to set. */
export function engineSpec(container: Container): Container['spec'] {
  if (container.networkMode !== 'bridged') return container.spec;
  const spec = { ...container.spec, Hostname: container.spec.Hostname ?? shortId(container.id) };
  const all = Object.entries((spec.HostConfig?.['Sysctls'] ?? {}) as Record<string, string>);
  const rest = all.filter(([key]) => !isNetworkSysctl(key));
  if (rest.length === all.length) return spec;
  return { ...spec, HostConfig: { ...spec.HostConfig, Sysctls: Object.fromEntries(rest) } };
}

/** Limits that are told of what runs: those that were changed, and swap without one, which Podman's create takes for 0. */
export function limitsOfRun({ spec, resources }: Pick<Container, 'spec' | 'resources'>): Container['resources'] {
  const { Memory, MemorySwap } = spec.HostConfig ?? {};
  return Memory && MemorySwap === -1 ? { Memory, MemorySwap, ...resources } : resources;
}

/** Is the container removed after the run that it is in, or before it? */
export function isLastRun({ target, autoRemove, restarting }: Container): boolean {
  return target === 'removed' || (autoRemove === true && !restarting);
}

/** What is known of a container that the engine has just made. */
export function notYetRun(container: Container): Omit<ObservedContainer, 'engineId'> {
  return {
    id: container.id,
    name: container.name,
    state: 'created',
    pid: 0,
    exitCode: 0,
    specHash: container.specHash,
    image: container.spec.Image,
    imageId: '',
    labels: container.spec.Labels ?? {},
    argv: [...(container.spec.Entrypoint ?? []), ...(container.spec.Cmd ?? [])],
    mounts: [],
    startedAt: '',
    finishedAt: '',
  };
}
