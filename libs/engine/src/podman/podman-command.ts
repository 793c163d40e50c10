import type Docker from 'dockerode';
import type { EngineSpec } from '#lib/domain';

/**
 * An empty Entrypoint takes the image's away and leaves its command. Podman's Docker API takes it for none at all; one empty
 * word it knows, which takes away the image's command as well.
 */
export async function podmanCommand(
  docker: Docker,
  { Entrypoint, Cmd, Image }: EngineSpec,
): Promise<Pick<EngineSpec, 'Entrypoint' | 'Cmd'>> {
  if (Entrypoint?.length !== 0) return { Entrypoint, Cmd };
  return { Entrypoint: [''], Cmd: Cmd?.length ? Cmd : (await docker.getImage(Image).inspect()).Config.Cmd };
}
