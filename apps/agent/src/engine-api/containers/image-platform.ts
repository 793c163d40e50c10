import { notFound } from '#lib/common';
import { withTag } from '#lib/engine';

/** Other names of the same architecture: those of the kernel, as Docker takes them, too. */
const SAME: Readonly<Record<string, string>> = { x86_64: 'amd64', 'x86-64': 'amd64', aarch64: 'arm64', armhf: 'arm' };

/**
 * An image that is here for another platform counts as absent, in Docker's words, so that the client pulls the right one.
 * @param wanted `os[/architecture[/variant]]`, or an architecture alone; empty and undefined: any
 * @param actual `os/architecture[/variant]` of the image
 */
export function checkPlatform(image: string, wanted: string | undefined, actual: string): void {
  if (!wanted) return;
  const parts = wanted.toLowerCase().split('/');
  const [os, architecture, variant] = parts.length === 1 && parts[0] !== 'linux' ? ['linux', parts[0]] : parts;
  const [itsOs, itsArchitecture, itsVariant] = actual.split('/');
  const fits =
    os === itsOs &&
    (!architecture || (SAME[architecture] ?? architecture) === itsArchitecture) &&
    (!variant || !itsVariant || variant === itsVariant);
  if (fits) return;
  throw notFound(
    `image with reference ${withTag(image)} was found but does not match the specified platform: ` +
      `wanted ${wanted}, actual: ${actual}`,
  );
}
