import type { Container, ObservedMount } from '#lib/domain';

/**
 * A container's mounts as Docker has them, without the files that skep puts in.
 * @param ours the folder that those files are in
 */
export function mountsOf(container: Container, mounts: readonly ObservedMount[], ours: string) {
  const modes = askedModes(container);
  const seen = mounts
    .filter(({ source }) => !source.startsWith(`${ours}/`))
    .map(({ type, name, source, destination, driver, mode, readWrite, propagation }) => ({
      Type: type,
      ...(type === 'volume' && { Name: name }),
      Source: source,
      Destination: destination,
      ...(type === 'volume' && { Driver: driver || 'local' }),
      Mode: modes.get(destination) ?? mode,
      RW: readWrite,
      // Of a volume it is the engine's own affair.
      Propagation: type === 'bind' ? propagation : '',
    }));
  return [...seen, ...memoryOf(container)];
}

/** Engines list no tmpfs; Docker lists those of `--mount`, and not those of `--tmpfs`. */
function memoryOf(container: Container) {
  const asked = container.spec.HostConfig?.['Mounts'];
  const mounts = Array.isArray(asked) ? (asked as { Type?: string; Target?: string }[]) : [];
  return mounts
    .filter(({ Type }) => Type === 'tmpfs')
    .map(({ Target = '' }) => ({
      Type: 'tmpfs',
      Source: '',
      Destination: Target,
      Mode: '',
      RW: true,
      Propagation: '',
    }));
}

/** Container path → the options of its bind, as they were written. */
function askedModes(container: Container): Map<string, string> {
  const binds = container.spec.HostConfig?.['Binds'];
  if (!Array.isArray(binds)) return new Map();
  return new Map(
    binds.map((bind) => {
      const [source = '', target, mode] = String(bind).split(':');
      const named = !source.startsWith('/') && target !== undefined;
      return [target ?? source, mode ?? (named ? 'z' : '')];
    }),
  );
}
