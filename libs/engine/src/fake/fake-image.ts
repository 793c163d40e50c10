import type { EngineSpec } from '#lib/domain';
import type { ImageDefaults } from '../engine.js';

/** What an image is imported with, as far as the fake knows it: `ENTRYPOINT` and `CMD` as lists, and `EXPOSE`. */
export function ofChanges(changes: readonly string[]): { exposedPorts: string[]; defaults: ImageDefaults } {
  const wordsOf = (instruction: string) => {
    const change = changes.find((one) => one.startsWith(`${instruction} [`));
    return change === undefined ? undefined : (JSON.parse(change.slice(instruction.length)) as string[]);
  };
  const exposed = changes.flatMap((change) => /^EXPOSE (\S+)$/.exec(change)?.[1] ?? []);
  return {
    exposedPorts: exposed.map((port) => (port.includes('/') ? port : `${port}/tcp`)),
    defaults: { Entrypoint: wordsOf('ENTRYPOINT'), Cmd: wordsOf('CMD') },
  };
}

/** What runs, by Docker's rules: an entrypoint of one's own takes the image's command away, an empty one leaves it. */
export function argvOf({ Entrypoint, Cmd = [] }: EngineSpec, image: ImageDefaults): string[] {
  const command = Cmd.length > 0 || Entrypoint?.length ? Cmd : (image.Cmd ?? []);
  return [...(Entrypoint ?? image.Entrypoint ?? []).filter((word) => word !== ''), ...command];
}
